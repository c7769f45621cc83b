/** What it takes to look into the label of a path. */
import { join } from 'node:path';
import { DongboError } from '#agent/core/errors.ts';
import { AgreementBook, isRefusal } from '#agent/seal/agreement-book.ts';
import { loadIdentity } from '#agent/seal/identity.ts';
import { clockOf } from '#agent/sys/lived-time.ts';
import { keysDirOf } from './config.ts';
import type { Config } from './config-schema.ts';
import { spaceOf } from './label-chain.ts';
import type { KnownParts } from './label-known.ts';
import type { ProgramIo } from './program-io.ts';

/** The space that a path lies in, its agreement, the keys of this node. Throws EXPLAIN_NO_SPACE, AGREEMENT_ABSENT. */
export async function partsOfPath(
  config: Config,
  path: string,
  io: ProgramIo,
): Promise<KnownParts & { readonly inside: string }> {
  const identity = await loadIdentity(keysDirOf(config));
  const book = await AgreementBook.open(
    join(config.state, 'agreements'),
    identity,
    await clockOf(config.state, io.clock),
  );
  const { space, inside } = spaceOf(config.spaces, path);
  const agreement = book.held(space.space)?.agreement;
  if (!agreement) {
    const standing = book.inForce(space.space);
    const { code, details } = isRefusal(standing)
      ? standing
      : { code: 'AGREEMENT_ABSENT', details: { space: space.space } };
    throw new DongboError(code, details);
  }
  return { config, space, inside, identity, book, agreement };
}
