/** One machine of a history: what lies on its disk, its keys, and the node that runs on it, on and off. */
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentEvent } from '#agent/core/event.ts';
import type { Agreement } from '#agent/core/agreement.ts';
import type { Dial } from '#agent/cycle/links.ts';
import { Node } from '#agent/cycle/node.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import type { Random } from '#agent/sys/random.ts';
import { PartClock, type Time } from './time.ts';

export interface MachineParts {
  readonly name: string;
  readonly identity: Identity;
  /** Where its keys lie, for good. */
  readonly keys: string;
  readonly dir: string;
  readonly time: Time;
  readonly random: Random;
  readonly role: 'agent' | 'relay';
  readonly peers: readonly { readonly node: string; readonly url: string }[];
}

/** What a lost state leaves: by docs/operations.md these are kept. */
const kept = ['agreements', 'audit', 'audit-witnesses.json'];

export class Machine {
  readonly parts: MachineParts;
  readonly events: AgentEvent[] = [];
  readonly clock: PartClock;
  /** What ended it, though nobody asked for that. */
  fault: unknown;
  node: Node | undefined;
  /** Whether an image of it was taken. */
  imaged = false;

  constructor(parts: MachineParts) {
    this.parts = parts;
    this.clock = new PartClock(parts.time);
  }

  get name(): string {
    return this.parts.name;
  }

  get state(): string {
    return join(this.parts.dir, 'state');
  }

  get folder(): string {
    return join(this.parts.dir, 'folder');
  }

  get on(): boolean {
    return this.node !== undefined;
  }

  readonly emit = (event: AgentEvent): void => void this.events.push(event);
  readonly failed = (error: unknown): void => {
    this.fault ??= error;
  };

  async open(dial?: Dial): Promise<Node> {
    const { keys, random, role, peers } = this.parts;
    await mkdir(this.folder, { recursive: true });
    await mkdir(this.state, { recursive: true, mode: 0o700 });
    const { clock, emit, failed, state } = this;
    const audit = { maxBytes: 2 ** 30, retentionMonths: 24 };
    const common = { clock, random, disk: nodeDisk, emit, failed, audit };
    const node = await Node.open({ ...common, state, keys, role, peers, ...(dial ? { dial } : {}) });
    this.node = node;
    return node;
  }

  async close(): Promise<void> {
    const { node } = this;
    this.node = undefined;
    await node?.[Symbol.asyncDispose]();
  }

  /** Each revision in its order, as people do. */
  async accept(revisions: readonly Agreement[]): Promise<void> {
    const { node } = this;
    if (!node) throw new Error(`${this.name} is off`);
    for (const revision of revisions) await node.book.accept(revision);
    await node.refresh();
  }

  /** The machine is off. Its index, feeds and vault are gone. */
  async loseState(): Promise<void> {
    const aside = join(this.parts.dir, 'kept');
    await mkdir(aside);
    for (const name of kept) await rename(join(this.state, name), join(aside, name)).catch(() => undefined);
    await rm(this.state, { recursive: true });
    await rename(aside, this.state);
  }

  /** The machine is off. */
  async takeImage(): Promise<void> {
    const image = join(this.parts.dir, 'image');
    await rm(image, { recursive: true, force: true });
    for (const name of ['state', 'folder'])
      await cp(join(this.parts.dir, name), join(image, name), {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
      });
    this.imaged = true;
  }

  /** The machine is off. */
  async restoreImage(): Promise<void> {
    for (const name of ['state', 'folder']) {
      await rm(join(this.parts.dir, name), { recursive: true });
      await cp(join(this.parts.dir, 'image', name), join(this.parts.dir, name), {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
      });
    }
  }
}
