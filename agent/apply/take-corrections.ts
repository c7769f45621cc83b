/** What a feed brings of corrections (R36): proposals for this node to decide on, and answers to its own. */
import { isCode } from '#agent/core/errors.ts';
import { decodeRefusal, encodeProposal, type KeptProposal } from '#agent/core/correction-codec.ts';
import { type NodeId, originKey, type SpaceId } from '#agent/core/ids.ts';
import type { Answer } from '#agent/core/item.ts';
import type { ApplyBatch, KeySource } from './ports.ts';

/** One for each author and path: a later proposal takes the place of the one before. */
export const proposalKey = ({ author, path }: Pick<KeptProposal, 'author' | 'path'>): string =>
  `in/${originKey(author)}/${path}`;
export const answerKey = (path: string): string => `answer/${path}`;

export const keepProposal = (batch: ApplyBatch, kept: KeptProposal): void =>
  batch.putCorrection(proposalKey(kept), encodeProposal(kept));

/** Keeps an answer to this node; that to another is not for it. Returns whether it was one. */
export async function keepAnswer(
  batch: ApplyBatch,
  { path, answer }: { readonly path: string; readonly answer: Answer },
  { keys, space, me }: { readonly keys: KeySource; readonly space: SpaceId; readonly me: NodeId },
): Promise<boolean> {
  if (answer.to.node !== me) return false;
  const plain = (await keys.keysFor(space, answer.to, answer.epoch))?.openRecord(answer.sealed);
  if (!plain) return false;
  try {
    decodeRefusal(plain);
  } catch (error) {
    if (!isCode(error, 'CODEC_MALFORMED')) throw error;
    return false;
  }
  batch.putCorrection(answerKey(path), plain);
  return true;
}
