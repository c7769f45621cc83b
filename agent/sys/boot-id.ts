/** Which run of the machine this is: the kernel draws a new id at every boot. */
import { readFile } from 'node:fs/promises';

/** Undefined where the system does not tell. */
export type ReadBootId = () => Promise<string | undefined>;

const file = '/proc/sys/kernel/random/boot_id';

export const readBootId: ReadBootId = async () => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim() || undefined;
};
