/** Whether the folders of the spaces are there and can be listed. */
import { resolveRoot } from '#agent/store/root-guard.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import type { ConfigIssue, LoadedConfig } from './config.ts';

/** CONFIG_FOLDER_MISSING, CONFIG_FOLDER_UNREADABLE (not a folder: errno ENOTDIR). */
export async function checkFolders({ config, locate }: LoadedConfig): Promise<ConfigIssue[]> {
  const issues: ConfigIssue[] = [];
  for (const [i, { folder }] of config.spaces.entries()) {
    const errno = await whyUnreadable(folder);
    if (errno === undefined) continue;
    const details = { ...locate(['spaces', i, 'folder']), folder };
    if (errno === 'ENOENT') issues.push({ code: 'CONFIG_FOLDER_MISSING', details });
    else issues.push({ code: 'CONFIG_FOLDER_UNREADABLE', details: { ...details, errno } });
  }
  return issues;
}

async function whyUnreadable(folder: string): Promise<string | undefined> {
  try {
    await nodeDisk.list(await resolveRoot(nodeDisk, folder));
    return undefined;
  } catch (error) {
    return errnoCode(error) ?? String(error);
  }
}
