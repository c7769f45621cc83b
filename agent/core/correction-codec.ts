/** Bytes of what is kept of corrections, and of the owner's answer as its proposer alone can open it. */
import { maxEpoch, maxSeq, maxTimeMs } from './bounds.ts';
import { decodeChange, encodeChange } from './change-codec.ts';
import { decode, encode } from './codec.ts';
import { checkedRules } from './content-rules.ts';
import type { Proposed } from './correction.ts';
import { Fields } from './fields.ts';
import type { ItemState } from './item.ts';
import { originFields, readOrigin } from './origin-fields.ts';

export interface KeptProposal extends Proposed {
  readonly path: string;
  readonly labelClass: string;
  /** When it came, milliseconds since the Unix epoch, by the clock here. */
  readonly came: number;
}

export function encodeProposal(p: KeptProposal): Uint8Array {
  const { path, state, version, content } = p;
  return encode({
    ...originFields(p.author),
    change: encodeChange({ path, state, version, ...(content ? { content } : {}) }),
    epoch: p.epoch,
    seq: p.seq,
    label: p.labelClass,
    came: p.came,
  });
}

export function decodeProposal(bytes: Uint8Array): KeptProposal {
  const fields = new Fields('proposal', decode(bytes));
  const change = decodeChange(fields.someBytes('change'), checkedRules);
  const proposal = {
    path: change.path,
    state: change.state as ItemState,
    version: change.version,
    ...(change.content ? { content: change.content } : {}),
    author: readOrigin(fields),
    epoch: fields.int('epoch', 1, maxEpoch),
    seq: fields.int('seq', 1, maxSeq),
    labelClass: fields.text('label', 64),
    came: fields.int('came', 0, maxTimeMs),
  };
  fields.end();
  return proposal;
}

export const maxReason = 500;

/** Why a proposal was refused. `seq`: its number in the proposer's feed. */
export interface Refusal {
  readonly seq: number;
  readonly reason: string;
}

export const encodeRefusal = ({ seq, reason }: Refusal): Uint8Array => encode({ seq, refused: reason });

/** Throws CODEC_MALFORMED. */
export function decodeRefusal(bytes: Uint8Array): Refusal {
  const fields = new Fields('answer', decode(bytes, 4096));
  const refusal = { seq: fields.int('seq', 1, maxSeq), reason: fields.text('refused', maxReason) };
  fields.end();
  return refusal;
}
