/** A node's audit log and what it knows of those of others, on a real disk, with nothing else around it. */
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentEvent } from '#agent/core/event.ts';
import { AuditHeads } from '#agent/cycle/audit-heads.ts';
import { auditParts } from '#agent/cycle/audit-parts.ts';
import { AuditTrail } from '#agent/cycle/audit-trail.ts';
import { State } from '#agent/feed/state.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { nodeDisk as disk } from '#agent/sys/node-disk.ts';
import { systemRandom as random } from '#agent/sys/random.ts';
import { type TemporaryDir, temporaryDir } from '#test/sys/temporary-dir.ts';
import type { SetClock } from '#test/trust/parties.ts';
import type { agree } from './node.ts';

type Agreed = Awaited<ReturnType<typeof agree>>['agreement'];

interface Opened {
  readonly trail: AuditTrail;
  readonly heads: AuditHeads;
}

export class AuditNode implements AsyncDisposable {
  readonly me: Identity;
  readonly clock: SetClock;
  readonly events: AgentEvent[] = [];
  readonly #dir: TemporaryDir;
  readonly #book: AgreementBook;
  readonly #known: State;
  #opened: Opened | undefined;

  private constructor(me: Identity, clock: SetClock, dir: TemporaryDir, book: AgreementBook, known: State) {
    this.me = me;
    this.clock = clock;
    this.#dir = dir;
    this.#book = book;
    this.#known = known;
  }

  static async open(me: Identity, agreement: Agreed, clock: SetClock): Promise<AuditNode> {
    const dir = await temporaryDir();
    const book = await AgreementBook.open(join(dir.path, 'agreements'), me, clock);
    await book.accept(agreement);
    const known = await State.open(dir.path, { node: me.node, clock });
    const node = new AuditNode(me, clock, dir, book, known);
    await node.start();
    return node;
  }

  get state(): string {
    return this.#dir.path;
  }

  get trail(): AuditTrail {
    return this.#now().trail;
  }

  get heads(): AuditHeads {
    return this.#now().heads;
  }

  #now(): Opened {
    if (!this.#opened) throw new Error('stopped');
    return this.#opened;
  }

  async start(): Promise<void> {
    const { me, clock } = this;
    const emit = (event: AgentEvent) => void this.events.push(event);
    const place = { state: this.state, audit: { maxBytes: 2 ** 20 }, clock, random, disk };
    const more = { agency: me.agency, book: this.#book, retentionMonths: 24, emit };
    const trail = await AuditTrail.open({ ...auditParts(place, me), ...more });
    const known = this.#known;
    const heads = await AuditHeads.open({ ...place, known, trail, emit, me: me.node });
    this.#opened = { trail, heads };
  }

  async stop(): Promise<void> {
    await this.#opened?.heads[Symbol.asyncDispose]();
    await this.#opened?.trail[Symbol.asyncDispose]();
    this.#opened = undefined;
  }

  async write(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      this.clock.ms += 1000;
      await this.trail.decided('r', { i });
    }
  }

  /** Stopped before and after: the log as it is now, put back by the function that is returned. */
  async copyLog(): Promise<() => Promise<void>> {
    await this.stop();
    const [dir, copy] = [join(this.state, 'audit'), join(this.state, 'audit.copy')];
    await cp(dir, copy, { recursive: true });
    await this.start();
    return async () => {
      await this.stop();
      await rm(dir, { recursive: true });
      await cp(copy, dir, { recursive: true });
      await this.start();
    };
  }

  codes(): string[] {
    return this.events.flatMap((event) => (event.type === 'error' ? [event.code] : []));
  }

  async recordsOf(type: string): Promise<Record<string, unknown>[]> {
    const dir = join(this.state, 'audit');
    const names = (await readdir(dir)).filter((name) => name.endsWith('.jsonl')).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')));
    const lines = texts.join('').trimEnd().split('\n');
    const records = lines.map(
      (line) => JSON.parse(line) as { type: string; fields: Record<string, unknown> },
    );
    return records.filter((record) => record.type === type).map(({ fields }) => fields);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#known[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}

/** `asker` looks at `other`: both tell, both hear. */
export async function look(asker: AuditNode, other: AuditNode): Promise<void> {
  const told = await asker.heads.words(other.me.node);
  const reply = await other.heads.hear(asker.me.node, told);
  await asker.heads.hear(other.me.node, reply);
}
