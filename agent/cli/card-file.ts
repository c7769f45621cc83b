/** Cards and agreements as files that people hand to each other. */
import { type Agreement, parseAgreement } from '#agent/core/agreement.ts';
import { type Card, parseCard } from '#agent/core/card.ts';
import { DongboError } from '#agent/core/errors.ts';
import { maxAgreementBytes } from '#agent/seal/agreement-files.ts';
import { verifyCard } from '#agent/seal/card.ts';
import { errnoOf, exists, readTextFile } from '#agent/seal/files.ts';
import { writeFileDurable } from '#agent/sys/durable.ts';

const maxCardBytes = 64 * 1024;

/** A card whose signature and certificate are sound. Throws FILE_…, CARD_…. */
export async function readCard(file: string): Promise<Card> {
  const card = parseCard(await readJson(file, maxCardBytes));
  verifyCard(card);
  return card;
}

/** An agreement of the right form; nothing is said about its signature. Throws FILE_…, AGREEMENT_MALFORMED. */
export async function readAgreement(file: string): Promise<Agreement> {
  return parseAgreement(await readJson(file, maxAgreementBytes));
}

/** Throws FILE_UNREADABLE, FILE_NOT_JSON. */
export async function readJson(file: string, maxBytes: number): Promise<unknown> {
  const text = await readTextFile(file, maxBytes).catch((cause: unknown) => {
    throw new DongboError('FILE_UNREADABLE', { file, errno: errnoOf(cause) }, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DongboError('FILE_NOT_JSON', { file }, { cause });
  }
}

/** Writes a public document for others to read; never over another file. Throws FILE_EXISTS. */
export async function writeNewJson(file: string, value: object): Promise<void> {
  if (await exists(file)) throw new DongboError('FILE_EXISTS', { file });
  await writeFileDurable(file, jsonBytes(value), { mode: 0o644, exclusive: true });
}

/** Writes over the file at once, or not at all. */
export async function rewriteJson(file: string, value: object): Promise<void> {
  await writeFileDurable(file, jsonBytes(value), { mode: 0o644 });
}

const jsonBytes = (value: object): Uint8Array => Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
