/** What the control socket may ask of a running agent. */
import { DongboError, type Problem } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import type { ControlCommands, CorrectionDecision } from '#agent/status/control.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { AgentSpace } from './agent-space.ts';
import { Corrections } from './corrections.ts';
import { KeyDesk } from './key-desk.ts';
import type { LabelDesk } from './label-desk.ts';
import type { Node } from './node.ts';
import type { SpaceSecrets } from './space-secrets.ts';

interface Running {
  readonly space: AgentSpace;
  readonly secrets: SpaceSecrets;
  readonly labels: LabelDesk;
}

export interface AgentCommandsParts {
  readonly node: Node;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Undefined for a space that this node keeps no folder of. */
  readonly running: (id: SpaceId) => Running | undefined;
}

export class AgentCommands implements ControlCommands {
  readonly #parts: AgentCommandsParts;
  readonly keys: KeyDesk;

  constructor(parts: AgentCommandsParts) {
    this.#parts = parts;
    const { node, clock } = parts;
    const { book, keyring } = node;
    const space = (id: SpaceId) => ({ own: node.space(id), epochs: this.#of(id).space.epochs });
    const decided = node.trail.decided.bind(node.trail);
    this.keys = new KeyDesk({ book, keyring, clock, space, decided });
  }

  /** On the record before it takes effect: who, why, which halt. */
  async release(id: SpaceId, by: string, reason: string): Promise<string | undefined> {
    const { node, emit } = this.#parts;
    const cut = await node.auditHeads.acknowledge(by, reason);
    if (cut !== undefined) {
      emit({ type: 'released', space: id, code: cut, by, reason });
      return cut;
    }
    const { space } = this.#of(id);
    const { halt } = space.cycle.facts();
    if (halt?.needsRelease) await node.trail.decided('released', { space: id, code: halt.code, by, reason });
    const code = (await space.release()) ?? (await this.#believeClock(id, by, reason));
    if (code !== undefined) emit({ type: 'released', space: id, code, by, reason });
    return code;
  }

  /** Where nothing else waits for a person's word, it says that the clock is right and was wrong before. */
  async #believeClock(space: SpaceId, by: string, reason: string): Promise<string | undefined> {
    const { lived, trail } = this.#parts.node;
    if (lived.behind() === undefined) return undefined;
    const code = 'CLOCK_BEHIND';
    await trail.decided('released', { space, code, by, reason });
    await lived.believe();
    return code;
  }

  async rescan(id: SpaceId): Promise<void> {
    this.#of(id).space.cycle.rescan();
  }

  refresh(): Promise<void> {
    return this.#parts.node.refresh();
  }

  labels(id: SpaceId): LabelDesk {
    return this.#of(id).labels;
  }

  auditRead(by: string, command: string): Promise<void> {
    return this.#parts.node.trail.decided('log.read', { by, command });
  }

  async corrections(id: SpaceId, limit: number) {
    const secrets = this.#parts.running(id)?.secrets;
    const { corrections, more } = await this.#correctionsOf(id).list(limit);
    return { corrections: corrections.map((one) => secrets?.hidden(one) ?? one), more };
  }

  decide(id: SpaceId, decision: CorrectionDecision): Promise<void> {
    return this.#correctionsOf(id).decide(decision);
  }

  #correctionsOf(id: SpaceId): Corrections {
    const { keyring, trail } = this.#parts.node;
    return new Corrections({ own: this.#parts.node.space(id), keyring, trail });
  }

  async *problems(id: SpaceId): AsyncGenerator<Problem> {
    const { node, running } = this.#parts;
    const secrets = running(id)?.secrets;
    for await (const problem of node.space(id).state.problems()) yield secrets?.conceal(problem) ?? problem;
  }

  #of(id: SpaceId): Running {
    const running = this.#parts.running(id);
    if (!running) throw new DongboError('SPACE_UNKNOWN', { space: id });
    return running;
  }
}
