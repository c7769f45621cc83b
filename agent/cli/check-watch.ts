/** How many directories each folder has, against the kernel's limits on watching: told before the agent starts. */
import { FolderRules } from '#agent/store/folder-rules.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import { resolveRoot } from '#agent/store/root-guard.ts';
import type { FoundKind } from '#agent/store/store.ts';
import { planWatch, readWatchLimits } from '#agent/store/watch-budget.ts';
import { lstatAll } from '#agent/sys/lstat-all.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import type { ConfigIssue, LoadedConfig } from './config.ts';
import type { ProgramIo } from './program-io.ts';

/** CHECK_WATCH or CHECK_WATCH_SCAN for each folder that is there. Neither is a fault: a scan finds everything too. */
export async function checkWatch(
  { config, locate }: LoadedConfig,
  { clock, signal }: Pick<ProgramIo, 'clock' | 'signal'>,
): Promise<ConfigIssue[]> {
  const limits = await readWatchLimits(nodeDisk);
  const notes: ConfigIssue[] = [];
  for (const [i, { folder, exclude, labels, scan }] of config.spaces.entries()) {
    const secret = new LabelRules(labels);
    const root = await resolveRoot(nodeDisk, folder);
    const rules = new FolderRules(nodeDisk, clock, root, exclude);
    await rules.reload();
    // A folder of state secrets is not looked into, by this command neither.
    const excludes = (path: string, kind: FoundKind) =>
      rules.excludes(path, kind) || secret.isSecret(path, kind);
    const { plan, directories, limit } = await planWatch(
      { disk: nodeDisk, lstatAll, root, excludes },
      limits,
      signal,
    );
    const code = plan === 'watch' ? 'CHECK_WATCH' : 'CHECK_WATCH_SCAN';
    const details = { ...locate(['spaces', i, 'folder']), directories: directories.length, limit, scan };
    notes.push({ code, details });
  }
  return notes;
}
