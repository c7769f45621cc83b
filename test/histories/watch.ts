/** What must hold at every moment of a history. */
import type { AgentEvent } from '#agent/core/event.ts';
import type { History } from './history.ts';
import type { Machine } from './machine.ts';
import type { Member } from './member.ts';

/** `kind` is what a shorter history must end with too, to be the same fault. */
export class Fault extends Error {
  readonly kind: string;

  constructor(kind: string, text: string) {
    super(text);
    this.kind = kind;
  }
}

/** All here are honest and no disk fails: whoever says one of these accuses somebody wrongly. */
export const accusations = new Set([
  'SEGMENT_REFUSED',
  'RECORD_TAMPERED',
  'RECORD_MALFORMED',
  'CONTENT_MISMATCH',
  'GRANT_TAMPERED',
  'GRANT_CHANGED',
  'CHUNK_TAMPERED',
  'PATH_ESCAPES',
  'FEED_WITHHELD',
  'BODY_MALFORMED',
  'BODY_TOO_LARGE',
  'PEER_INTERNAL',
  'INVARIANT',
  'STATE_DAMAGED',
  'STATE_WRITE_FAILED',
  'VAULT_DAMAGED',
  'SPACE_DISK_ERROR',
  'SPACE_HANGS',
  'VERSION_SPENT',
]);

/** True of who was put back to an image, which takes its feed and its audit log back. */
const forks = new Set(['FEED_FORK', 'PEER_AUDIT_FORKED']);

/** So many really gone make a halt at a mass delete true; a few less than the brake's own count. */
const manyDeletes = 15;

export class Watch {
  readonly #h: History;
  readonly #heard = new Map<Machine, number>();

  constructor(h: History) {
    this.#h = h;
  }

  async look(member: Member): Promise<void> {
    const { relay } = this.#h.world;
    for (const machine of [member, relay]) {
      if (machine.fault !== undefined)
        throw new Fault('ends', `${machine.name} has ended: ${errorText(machine.fault)}`);
      this.#hear(machine);
    }
    const refusal = member.line.refusals.splice(0).find(({ code }) => accusations.has(code));
    if (refusal)
      throw new Fault(refusal.code, `${member.name} asks the relay for ${refusal.what}: ${refusal.code}`);
    this.#contents(member);
    await this.#classes(member);
    this.#halt(member);
  }

  #hear(machine: Machine): void {
    const from = this.#heard.get(machine) ?? 0;
    this.#heard.set(machine, machine.events.length);
    const told = machine.events
      .slice(from)
      .map(codeOf)
      .find((code) => accusations.has(code));
    if (told) throw new Fault(told, `${machine.name} says ${told}`);
    const forked = machine.events
      .slice(from)
      .map(codeOf)
      .find((code) => forks.has(code));
    if (forked && !this.#h.restored)
      throw new Fault(forked, `${machine.name} says ${forked}, and no machine was put back to an image`);
  }

  #contents(member: Member): void {
    const { contents, classes, world } = this.#h;
    for (const sha of contents.look(member)) {
      const name = contents.nameOf(sha);
      if (contents.isMadeAt(member, sha))
        throw new Fault(
          'own work lost',
          `${name}, which people of ${member.name} wrote, is gone from its disk: not in the folder, the trash or aside`,
        );
      if (!classes.stoodAbove(sha, world.clearanceOf(member)))
        throw new Fault(
          'copy lost',
          `${name} is gone from the disk of ${member.name}: not in the folder, the trash or aside, and nobody withdrew it`,
        );
    }
  }

  async #classes(member: Member): Promise<void> {
    const { classes, contents, world } = this.#h;
    const [lowered] = await classes.look(member);
    if (!lowered) return;
    const { sha, path, labelClass, was } = lowered;
    const author = world.nameOf(was.by);
    throw new Fault(
      'class lowered',
      `${member.name} publishes ${contents.nameOf(sha)} as ${path} under ${labelClass}: ${author} had published it as ${was.path} under ${was.labelClass}, and nobody decided to lower that`,
    );
  }

  #halt(member: Member): void {
    const { halt } = member.running.space.cycle.facts();
    if (!halt?.needsRelease) return;
    const { deletes, contents, world } = this.#h;
    const gone = deletes.net(halt.code === 'MASS_DELETE_LOCAL' ? [member] : world.all, contents);
    if (halt.code.startsWith('MASS_DELETE_') && gone + deletes.raised < manyDeletes)
      throw new Fault(
        halt.code,
        `${member.name} halts: ${halt.code} ${JSON.stringify(halt.details)}, and people deleted ${gone} items in all`,
      );
  }
}

export const errorText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

const codeOf = (event: AgentEvent): string => {
  if (event.type === 'problem') return event.problem.code;
  return 'code' in event ? event.code : '';
};
