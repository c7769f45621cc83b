/** The parts that tell under which class an item of a space is published, put together. */
import type { Origin } from '#agent/core/ids.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { LabelRules } from '#agent/store/label-rules.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { Alike } from './alike.ts';
import { Kin } from './kin.ts';
import { LabelGate } from './label-gate.ts';
import type { NodeSpace } from './node-space.ts';
import { ownClassOf } from './raised.ts';

export interface LabellingParts {
  readonly own: NodeSpace;
  readonly labels: LabelRules;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

export function labelling({ own, labels, keyring, clock }: LabellingParts) {
  const { space, state } = own;
  // Whether it can be opened now or not: a device that is away, or an epoch that was destroyed, lowers no label.
  const classOf = async (author: Origin, epoch: number) =>
    (await keyring.classOf(space, author, epoch)) ?? (await state.keyLedger.classOf(author, epoch));
  const isOwn = ({ node }: Origin) => node === own.origin.node;
  const gate = new LabelGate({
    rules: labels,
    agreement: () => own.agreement(),
    classOf,
    rowOf: (path) => state.row(path),
    ownClassOf: (path, row) =>
      ownClassOf({ origin: own.origin, state, agreement: own.agreement(), keyring }, path, row),
    isOwn,
  });
  const { decisions } = labels.memory;
  const kin = new Kin({ state, decisions, any: () => labels.any, classOf, isOwn });
  return { gate, kin, alike: new Alike({ state, classOf, clock }) };
}
