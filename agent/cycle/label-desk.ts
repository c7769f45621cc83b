/** Takes down what people decide about the labels of one space: on the record first, then durably, then in force. */
import type { Details } from '#agent/core/errors.ts';
import { originKey, type SpaceId } from '#agent/core/ids.ts';
import { rulesOf } from '#agent/core/label-decisions.ts';
import { type LabelDecision, LabelMemory } from '#agent/core/label-memory.ts';
import type { AppliedRule } from '#agent/core/label-rules.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { State } from '#agent/feed/state.ts';
import type { FoundKind } from '#agent/store/store.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';
import { type FactParts, type LabelFacts, labelFacts } from './label-facts.ts';

export interface LabelDeskParts extends Omit<FactParts, 'rowOf'> {
  readonly space: SpaceId;
  readonly node: string;
  readonly state: SpaceState;
  readonly clock: Clock;
  /** Puts it on the record; throws while it cannot be written, and then nothing is decided. */
  readonly decided: (type: string, fields: Details) => Promise<void>;
}

export class LabelDesk {
  readonly #parts: LabelDeskParts;

  constructor(parts: LabelDeskParts) {
    this.#parts = parts;
  }

  /** `by`: who typed it. Durable on return. Throws AUDIT_…, LABEL_DECISIONS_FULL. */
  async decide(decision: LabelDecision, kind: FoundKind, by: string): Promise<LabelFacts> {
    const { rules, space, clock, state, decided } = this.#parts;
    const { path, ...says } = decision;
    await decided('label.decided', { space, item: rules.memory.tags.of(path), ...says, by });
    const after = await this.#feeds();
    const recorded = { at: clock.now(), after };
    await state.exclusive(() => rules.memory.decide(decision, recorded, (placed) => rules.stands(placed)));
    rules.changed();
    return this.show(path, kind);
  }

  show(path: string, kind: FoundKind): Promise<LabelFacts> {
    const { rules, gate, state } = this.#parts;
    return labelFacts({ rules, gate, rowOf: (at) => state.row(at) }, path, kind);
  }

  list(): readonly AppliedRule[] {
    return this.#parts.rules.memory.decisions.entries.flatMap(rulesOf);
  }

  /** How far each feed of this node has come: what is published later is not lowered by what is decided now. */
  async #feeds(): Promise<Record<string, number>> {
    const { state, node } = this.#parts;
    const heads = await state.origins();
    const own = heads.filter(({ origin }) => origin.node === node);
    return Object.fromEntries(own.map(({ origin, seq }) => [originKey(origin), seq]));
  }
}

/** Throws LABEL_MEMORY_DAMAGED. */
export async function openLabelMemory(state: State, space: SpaceId, random: Random): Promise<LabelMemory> {
  const name = `labels/${space}`;
  const save = (text: string) => state.putMeta(name, text);
  return new LabelMemory({ text: await state.getMeta(name), key: random.bytes(32), save });
}
