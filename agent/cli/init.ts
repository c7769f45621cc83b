/** `dongbo init`: makes a node's keys, once. */
import { join } from 'node:path';
import { parseAgencyId } from '#agent/core/agency.ts';
import { cardFingerprint } from '#agent/core/card.ts';
import { DongboError } from '#agent/core/errors.ts';
import { exists } from '#agent/seal/files.ts';
import { createIdentity, type Identity } from '#agent/seal/identity.ts';
import { makeDirDurable } from '#agent/sys/durable.ts';
import { type CliIo, type NodePlace, wordsFor } from './init-io.ts';

export interface InitOptions extends NodePlace {
  readonly agency: string;
  readonly name: string;
}

const words = {
  en: {
    made: 'Keys made in',
    agency: 'Agency',
    node: 'Node',
    fingerprint: 'Fingerprint',
    backup: 'Keep a backup of this directory in a safe place: without it the node cannot come back.',
    next: 'Next: "dongbo card" writes the card to give to the other agencies.',
  },
  vi: {
    made: 'Đã tạo khoá trong',
    agency: 'Cơ quan',
    node: 'Nút',
    fingerprint: 'Dấu vân tay',
    backup: 'Hãy sao lưu thư mục này ở nơi an toàn: mất khoá thì không khôi phục được nút.',
    next: 'Tiếp theo: "dongbo card" ghi thẻ để gửi cho các cơ quan khác.',
  },
};

export const keysDir = ({ state, keys }: NodePlace): string => keys ?? join(state, 'keys');

/** Throws AGENCY_MALFORMED, CARD_MALFORMED, IDENTITY_EXISTS, INIT_STATE_EXISTS. */
export async function runInit(options: InitOptions, io: CliIo): Promise<Identity> {
  const { state, agency, name } = options;
  parseAgencyId(agency);
  const keys = keysDir(options);
  if (!(await exists(join(keys, 'sign.key'))) && (await holdsState(state))) {
    throw new DongboError('INIT_STATE_EXISTS', { state, keys });
  }
  await makeDirDurable(state, 0o700);
  await makeDirDurable(keys, 0o700);
  const identity = await createIdentity(keys, { agency, name }, io);
  const say = wordsFor(io, words);
  io.out(`${say.made} ${keys}`);
  io.out(`${say.agency}: ${identity.agency} (${identity.name})`);
  io.out(`${say.node}: ${identity.node}`);
  io.out(`${say.fingerprint}: ${cardFingerprint(identity.card)}`);
  io.out(say.backup);
  io.out(say.next);
  return identity;
}

/** A new identity over the state of a lost one would be a silent change of who we are. */
async function holdsState(state: string): Promise<boolean> {
  for (const part of ['db', 'vault', 'agreements']) {
    if (await exists(join(state, part))) return true;
  }
  return false;
}
