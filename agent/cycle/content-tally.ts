/** Sealed content asked for piece by piece: one record when a caller begins, one with the sums a minute later. */
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { AuditTrail } from './audit-trail.ts';

interface Open {
  readonly caller: NodeId;
  readonly space: SpaceId;
  readonly asked: number;
  readonly since: number;
  chunks: number;
  bytes: number;
}

const windowMs = 60_000;
const maxOpen = 4096;

export class ContentTally {
  readonly #trail: AuditTrail;
  readonly #clock: Clock;
  readonly #me: NodeId;
  readonly #open = new Map<string, Open>();

  constructor(trail: AuditTrail, clock: Clock, me: NodeId) {
    this.#trail = trail;
    this.#clock = clock;
    this.#me = me;
  }

  /** Durable before the first piece goes out. Throws while nothing may be shared. */
  async begin(caller: NodeId, space: SpaceId): Promise<(bytes: number) => void> {
    const key = `${caller} ${space}`;
    let open = this.#open.get(key);
    if (!open) {
      open = { caller, space, asked: this.#clock.now(), since: this.#clock.monotonic(), chunks: 0, bytes: 0 };
      this.#open.set(key, open);
      await this.#trail.decided('content.begun', { requester: caller, space });
      const [oldest] = this.#open.size > maxOpen ? [...this.#open.keys()] : [];
      if (oldest !== undefined) await this.#close(oldest);
    }
    const sums = open;
    return (bytes) => {
      sums.chunks += 1;
      sums.bytes += bytes;
    };
  }

  /** Writes the sums of the minutes that are over; of all, when `all`. */
  async settle(all = false): Promise<void> {
    const now = this.#clock.monotonic();
    for (const [key, { since }] of this.#open) if (all || now - since >= windowMs) await this.#close(key);
  }

  async #close(key: string): Promise<void> {
    const open = this.#open.get(key);
    this.#open.delete(key);
    if (!open || open.chunks === 0) return;
    const { caller, space, asked, chunks, bytes } = open;
    const sums = { records: chunks, bytes, reference: 'chunks', result: 'sent' };
    await this.#trail.done('content', {
      ...{ space, form: 'fetch', requester: caller, supplier: this.#me, asked },
      ...sums,
    });
  }
}
