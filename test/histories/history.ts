/** What the steps of one history work on, and what is watched after each. */
import { join } from 'node:path';
import { parentOf } from '#agent/core/path.ts';
import type { Chance } from './chance.ts';
import { Classes } from './classes.ts';
import { Contents } from './contents.ts';
import { Deletes } from './deletes.ts';
import type { Member } from './member.ts';
import { Watch } from './watch.ts';
import type { World } from './world.ts';

export class History {
  readonly world: World;
  readonly contents = new Contents();
  readonly classes: Classes;
  readonly deletes = new Deletes();
  readonly #watch: Watch;
  /** Of the step that is being taken. */
  chance: Chance;
  /** Whether a machine was put back to an old image: then two histories of one feed may be told. */
  restored = false;

  constructor(world: World, chance: Chance) {
    this.world = world;
    this.chance = chance;
    this.classes = new Classes(world);
    this.#watch = new Watch(this);
  }

  /** Somebody whose machine is on. */
  anyone(): Member | undefined {
    return this.chance.any(this.world.running);
  }

  at(member: Member, path: string): string {
    return join(member.folder, path);
  }

  /** People changed something at these paths: the watch will hint at their folders. */
  changed(member: Member, ...paths: readonly string[]): void {
    this.contents.look(member);
    if (member.on) member.running.store.changed([...new Set(paths.map(parentOf))]);
  }

  /** All that is promised at any time is watched after each of these. */
  async turn(member: Member): Promise<void> {
    await member.turn();
    await this.#watch.look(member);
  }

  async exchange(member: Member): Promise<void> {
    await member.exchange();
    await this.#watch.look(member);
  }

  async backToImage(member: Member): Promise<void> {
    this.restored = true;
    this.contents.look(member);
    await this.classes.backToImage(member);
  }
}
