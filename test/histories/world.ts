/** Three members and a relay, as a history finds them at its start, and what holds of all of them. */
import { join } from 'node:path';
import type { Agreement } from '#agent/core/agreement.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { seededRandom } from '#test/trust/parties.ts';
import type { Cast } from './cast.ts';
import { rankOf } from './classes.ts';
import { Machine } from './machine.ts';
import { Member } from './member.ts';
import { Time } from './time.ts';

/** One folder for each label; rules of all members alike. */
export const folders = ['chung', 'noi', 'mat'] as const;

export const startRules: readonly LabelRule[] = [
  { path: '/chung/', sensitivity: 'PUBLIC' },
  { path: '/noi/', sensitivity: 'INTERNAL' },
  { path: '/mat/', sensitivity: 'RESTRICTED' },
];

export class World implements AsyncDisposable {
  readonly time = new Time();
  readonly cast: Cast;
  readonly relay: Machine;
  /** All who ever take part; `inside` are members by the newest revision. */
  readonly all: readonly Member[];
  readonly revisions: Agreement[];
  /** How many of the revisions each has accepted. */
  readonly accepted = new Map<Machine, number>();
  inside: readonly string[] = ['A', 'B', 'C'];
  readonly #owned: AsyncDisposable;

  private constructor(cast: Cast, agreement: Agreement, dir: string, owned: AsyncDisposable, seed: number) {
    this.cast = cast;
    this.#owned = owned;
    this.revisions = [agreement];
    const { time } = this;
    const common = (name: string) => {
      const { identity, keys } = cast.of(name);
      return { name, identity, keys, time, dir: join(dir, name), random: seededRandom(`${seed}/${name}`) };
    };
    this.relay = new Machine({ ...common('R'), role: 'relay', peers: [] });
    const { node } = this.relay.parts.identity;
    const peers = [{ node, url: 'memory:relay' }];
    const of = {
      role: 'agent',
      peers,
      space: agreement.space,
      relay: this.relay,
      labels: startRules,
    } as const;
    this.all = ['A', 'B', 'C', 'D'].map((name) => new Member({ ...common(name), ...of }));
  }

  static async open(cast: Cast, seed: number): Promise<World> {
    const dir = await temporaryDir();
    const world = new World(cast, await cast.agree(['A', 'B', 'C']), dir.path, dir, seed);
    await world.startRelay();
    for (const member of world.members) await world.start(member);
    return world;
  }

  get space(): SpaceId {
    return (this.revisions[0] as Agreement).space;
  }

  /** By the newest revision. */
  get members(): readonly Member[] {
    return this.all.filter(({ name }) => this.inside.includes(name));
  }

  clearanceOf({ name }: Member): number {
    return rankOf(this.cast.of(name).highestLabel);
  }

  nameOf(node: NodeId): string {
    return this.all.find(({ parts }) => parts.identity.node === node)?.name ?? 'somebody';
  }

  /** Whose machines are on. */
  get running(): readonly Member[] {
    return this.all.filter(({ on }) => on);
  }

  async startRelay(): Promise<void> {
    const node = await this.relay.open();
    if (!this.accepted.has(this.relay)) await this.accept(this.relay, 1);
    await node.start();
    await node.refresh();
  }

  /** A machine that was never on is set up first, with the newest revision. */
  async start(member: Member): Promise<void> {
    await member.start();
    if (!this.accepted.has(member))
      await this.accept(member, this.revisions.length, this.revisions.length - 1);
  }

  /** The revisions up to `upTo` that name it, in their order; from the first that it has not accepted. */
  async accept(machine: Machine, upTo: number, from = this.accepted.get(machine) ?? 0): Promise<void> {
    const { node } = machine.parts.identity;
    const naming = this.revisions
      .slice(from, upTo)
      .filter(({ members }) => members.some(({ card }) => card.node === node));
    await machine.accept(naming);
    this.accepted.set(machine, upTo);
  }

  async revise(inside: readonly string[]): Promise<void> {
    this.revisions.push(await this.cast.agree(inside, this.revisions.at(-1)));
    this.inside = inside;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.running) await member.stop();
    await this.relay.close();
    await this.#owned[Symbol.asyncDispose]();
  }
}
