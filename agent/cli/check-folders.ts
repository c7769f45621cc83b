/** Whether the folders of the spaces are there, can be listed, and lie apart from what is this node's own. */
import { OwnPlaces } from '#agent/store/own-places.ts';
import { resolveRoot } from '#agent/store/root-guard.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { type ConfigIssue, type LoadedConfig, ownPlacesOf } from './config.ts';

/** CONFIG_FOLDER_MISSING, CONFIG_FOLDER_UNREADABLE (not a folder: errno ENOTDIR), CONFIG_FOLDER_OVERLAPS. */
export async function checkFolders({ config, locate }: LoadedConfig, file: string): Promise<ConfigIssue[]> {
  const issues: ConfigIssue[] = [];
  for (const [i, { folder }] of config.spaces.entries()) {
    const errno = await whyUnreadable(folder);
    const details = { ...locate(['spaces', i, 'folder']), folder };
    if (errno === undefined) {
      const other = await new OwnPlaces(ownPlacesOf(config, file, i)).look(folder);
      if (other !== undefined)
        issues.push({ code: 'CONFIG_FOLDER_OVERLAPS', details: { ...details, other } });
      continue;
    }
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
