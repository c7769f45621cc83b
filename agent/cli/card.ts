/** `dongbo card`: writes this node's card, and shows another's with the fingerprint to read out. */
import { type Card, cardFingerprint, sameFingerprint } from '#agent/core/card.ts';
import { DongboError } from '#agent/core/errors.ts';
import { exists } from '#agent/seal/files.ts';
import { loadIdentity } from '#agent/seal/identity.ts';
import { readCard, writeNewJson } from './card-file.ts';
import { keysDir } from './init.ts';
import { type CliIo, type NodePlace, wordsFor } from './init-io.ts';

const words = {
  en: {
    written: 'Card written to',
    agency: 'Agency',
    node: 'Node',
    made: 'Made',
    fingerprint: 'Fingerprint',
    readOut:
      'Read the fingerprint out to the other agency over the telephone; send the file any way you like.',
    matches: 'The fingerprint is the one you were told.',
  },
  vi: {
    written: 'Đã ghi thẻ vào',
    agency: 'Cơ quan',
    node: 'Nút',
    made: 'Ngày lập',
    fingerprint: 'Dấu vân tay',
    readOut: 'Gửi tệp bằng cách bất kỳ, rồi đọc dấu vân tay cho cơ quan kia qua điện thoại để đối chiếu.',
    matches: 'Dấu vân tay đúng như đã được báo.',
  },
};

export interface CardOptions extends NodePlace {
  /** Where to write it; `<agency>.card.json` in the current directory when absent. */
  readonly out?: string;
}

/** Writes this node's card. A file that holds it already is fine. Throws IDENTITY_…, FILE_EXISTS. */
export async function runCard(options: CardOptions, io: CliIo): Promise<{ card: Card; file: string }> {
  const { card } = await loadIdentity(keysDir(options));
  const file = options.out ?? `${card.agency}.card.json`;
  if (!(await holds(file, card))) await writeNewJson(file, card);
  const say = wordsFor(io, words);
  io.out(`${say.written} ${file}`);
  printCard(card, io);
  io.out(say.readOut);
  return { card, file };
}

async function holds(file: string, card: Card): Promise<boolean> {
  if (!(await exists(file))) return false;
  const there = await readCard(file).catch(() => undefined);
  return there !== undefined && cardFingerprint(there) === cardFingerprint(card);
}

/** Checks and shows a card. Throws FILE_…, CARD_…, CARD_FINGERPRINT_MISMATCH when it is not the one expected. */
export async function runCardShow(
  { file, expect }: { readonly file: string; readonly expect?: string },
  io: CliIo,
): Promise<Card> {
  const card = await readCard(file);
  const actual = cardFingerprint(card);
  if (expect !== undefined && !sameFingerprint(expect, actual)) {
    throw new DongboError('CARD_FINGERPRINT_MISMATCH', { file, expected: expect, actual });
  }
  printCard(card, io);
  if (expect !== undefined) io.out(wordsFor(io, words).matches);
  return card;
}

function printCard(card: Card, io: CliIo): void {
  const say = wordsFor(io, words);
  io.out(`${say.agency}: ${card.agency} (${card.name})`);
  io.out(`${say.node}: ${card.node}`);
  io.out(`${say.made}: ${card.created}`);
  io.out(`${say.fingerprint}: ${cardFingerprint(card)}`);
}
