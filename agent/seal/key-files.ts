/**
 * The files of a keys directory. Written once, durably, never over anything; read only when nobody else can read
 * them. A directory of systemd credentials (read-only files, mode 0400 or 0440) is fine too.
 */
import { join } from 'node:path';
import { DongboError } from '#agent/core/errors.ts';
import { writeFileDurable } from '#agent/sys/durable.ts';
import { errnoOf, exists, readTextFile } from './files.ts';

export const keyFiles = [
  'sign.key',
  'wrap.key',
  'p384-sign.key',
  'p384-wrap.key',
  'tls.key',
  'tls.crt',
  'card.json',
] as const;
export type KeyFile = (typeof keyFiles)[number];
export type KeyTexts = Readonly<Record<KeyFile, string>>;

const maxFileBytes = 16 * 1024;
const credentialMode = 0o440;
const isPublic = (file: KeyFile): boolean => file === 'tls.crt' || file === 'card.json';

/** Writes all files with mode 0600. Throws IDENTITY_EXISTS when any of them is there. */
export async function writeKeyFiles(dir: string, texts: KeyTexts): Promise<void> {
  for (const file of keyFiles) {
    if (await exists(join(dir, file))) throw new DongboError('IDENTITY_EXISTS', { dir });
  }
  for (const file of keyFiles) {
    const bytes = Buffer.from(texts[file]);
    await writeFileDurable(join(dir, file), bytes, { mode: 0o600, exclusive: true });
  }
}

/** Throws IDENTITY_MISSING, IDENTITY_PERMISSIONS, IDENTITY_UNREADABLE or IDENTITY_DAMAGED. */
export async function readKeyFiles(dir: string): Promise<KeyTexts> {
  const texts: Partial<Record<KeyFile, string>> = {};
  for (const file of keyFiles) texts[file] = await readKeyFile(dir, file);
  return texts as KeyTexts;
}

async function readKeyFile(dir: string, file: KeyFile): Promise<string> {
  const path = join(dir, file);
  try {
    return await readTextFile(path, maxFileBytes, ({ mode }) => checkMode(path, file, mode));
  } catch (error) {
    if (error instanceof DongboError) throw error;
    throw readFailure(dir, file, error);
  }
}

function readFailure(dir: string, file: KeyFile, cause: unknown): DongboError {
  const errno = errnoOf(cause);
  if (errno === 'ENOENT') {
    return file === 'sign.key' ? new DongboError('IDENTITY_MISSING', { dir }) : damaged(dir, file, 'missing');
  }
  if (errno === 'EFBIG' || errno.startsWith('ERR_ENCODING'))
    return damaged(dir, file, 'text, at most 16 KiB');
  return new DongboError('IDENTITY_UNREADABLE', { file: join(dir, file), errno }, { cause });
}

function checkMode(path: string, file: KeyFile, mode: number): void {
  const bits = mode & 0o777;
  const allowed = isPublic(file) ? (bits & 0o022) === 0 : (bits & 0o177) === 0 || bits === credentialMode;
  if (!allowed)
    throw new DongboError('IDENTITY_PERMISSIONS', { file: path, mode: bits.toString(8).padStart(4, '0') });
}

export const damaged = (dir: string, file: KeyFile, rule: string): DongboError =>
  new DongboError('IDENTITY_DAMAGED', { file: join(dir, file), rule });
