/** Takes down what people decide about the labels of one space: on the record first, then durably, then in force. */
import { type Details, DongboError } from '#agent/core/errors.ts';
import { originKey, type SpaceId } from '#agent/core/ids.ts';
import { labelClass, labelWithin } from '#agent/core/label.ts';
import { rulesOf } from '#agent/core/label-decisions.ts';
import { type LabelDecision, LabelMemory } from '#agent/core/label-memory.ts';
import { type AppliedRule, isSecrecy, lowestLabel, partsOf } from '#agent/core/label-rules.ts';
import { joinPath } from '#agent/core/path.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { State } from '#agent/feed/state.ts';
import { mayHold } from '#agent/store/scan-row.ts';
import type { FoundKind } from '#agent/store/store.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Random } from '#agent/sys/random.ts';
import { type FactParts, type LabelFacts, labelFacts } from './label-facts.ts';
import { isShared, type LabelGate } from './label-gate.ts';

/** Rows looked through for items that are shared: more are not counted. */
const maxCounted = 1000;

export interface LabelDeskParts extends Omit<FactParts, 'rowOf'> {
  readonly gate: FactParts['gate'] & Pick<LabelGate, 'ceiling'>;
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

  /** `by`: who typed it. Durable on return. Throws AUDIT_…, LABEL_DECISIONS_FULL, LABEL_ABOVE_SHARED. */
  async decide(decision: LabelDecision, kind: FoundKind, by: string): Promise<LabelFacts> {
    const { rules, space, clock, state, decided } = this.#parts;
    const { path, ...says } = decision;
    const stays = await this.#sharedAbove(decision);
    // A state secret is hidden at once, whoever has it already; any other label would only seem to take something back.
    if (stays > 0 && !isSecrecy(says.secrecy)) throw this.#tooHigh(decision, stays);
    await decided('label.decided', { space, item: rules.memory.tags.of(path), ...says, by });
    const after = await this.#feeds();
    const recorded = { at: clock.now(), after };
    await state.exclusive(() => rules.memory.decide(decision, recorded, (placed) => rules.stands(placed)));
    rules.changed();
    const facts = await this.show(path, kind);
    return stays > 0 ? { ...facts, stays } : facts;
  }

  /** Items at the path or beneath it that others have, where the decision is above what the agreement carries. */
  async #sharedAbove(decision: LabelDecision): Promise<number> {
    const { gate, state } = this.#parts;
    if (labelWithin({ ...lowestLabel, ...partsOf(decision) }, gate.ceiling)) return 0;
    let shared = isShared(await state.row(decision.path)) ? 1 : 0;
    const dirs = [decision.path];
    for (let dir = dirs.pop(); dir !== undefined && shared < maxCounted; dir = dirs.pop())
      for await (const [name, row] of state.children(dir)) {
        if (isShared(row)) shared += 1;
        if (mayHold(row)) dirs.push(joinPath(dir, name));
        if (shared >= maxCounted) break;
      }
    return shared;
  }

  #tooHigh(decision: LabelDecision, items: number): DongboError {
    const label = labelClass({ ...lowestLabel, ...partsOf(decision) });
    const limit = labelClass(this.#parts.gate.ceiling);
    return new DongboError('LABEL_ABOVE_SHARED', { items, label, limit }, { retry: 'after-change' });
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
