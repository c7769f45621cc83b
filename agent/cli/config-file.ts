/** The configuration file as text. */
import { dirname, resolve } from 'node:path';
import { DongboError } from '#agent/core/errors.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';

export const defaultConfigFile = '/etc/dongbo/agent.yaml';

const maxConfigBytes = 1024 * 1024;
const maxLinks = 8;

/** Throws CONFIG_UNREADABLE. */
export async function readConfigText(file: string): Promise<string> {
  try {
    await using opened = await nodeDisk.openRead(await followLinks(resolve(file)));
    const bytes = new Uint8Array(maxConfigBytes + 1);
    let filled = 0;
    for (let n = 1; n > 0 && filled < bytes.length; filled += n)
      n = await opened.read(bytes.subarray(filled), filled);
    if (filled > maxConfigBytes) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, filled));
  } catch (cause) {
    throw new DongboError('CONFIG_UNREADABLE', { file, errno: errnoCode(cause) ?? String(cause) }, { cause });
  }
}

/** A configuration may be a link (to a managed file); the disk opens no links. */
async function followLinks(file: string): Promise<string> {
  let path = file;
  for (let i = 0; i < maxLinks; i++) {
    if ((await nodeDisk.lstat(path)).kind !== 'link') return path;
    path = resolve(dirname(path), (await nodeDisk.readlink(path)) ?? '');
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
}
