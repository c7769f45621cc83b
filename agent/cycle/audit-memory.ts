/** The database remembers how far the log was, so that a log that was taken away whole does not begin anew unseen. */
import type { Emit } from '#agent/core/event.ts';
import type { AuditTrail } from './audit-trail.ts';

export interface AuditMemoryParts {
  readonly trail: AuditTrail;
  readonly known: {
    getMeta(name: string): Promise<string | undefined>;
    putMeta(name: string, value: string): Promise<void>;
  };
  readonly emit: Emit;
}

const key = 'audit/head';

export class AuditMemory {
  readonly #parts: AuditMemoryParts;
  #seq: number | undefined;

  constructor(parts: AuditMemoryParts) {
    this.#parts = parts;
  }

  /** Call now and then: what is remembered is never ahead of what is durable in the log. */
  async keep(): Promise<void> {
    const { trail, known, emit } = this.#parts;
    const { seq } = trail.facts();
    this.#seq ??= Number((await known.getMeta(key)) ?? 0);
    if (trail.halt() || seq === 0 || seq === this.#seq) return;
    if (seq < this.#seq) {
      emit({ type: 'error', code: 'AUDIT_LOST', details: { seq: this.#seq } });
      await trail.decided('log.lost', { lastKnown: this.#seq });
    }
    this.#seq = seq;
    await known.putMeta(key, String(seq));
  }
}
