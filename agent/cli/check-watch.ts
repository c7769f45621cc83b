/** How many directories each folder has, against the kernel's limits on watching: told before the agent starts. */
import { joinPath } from '#agent/core/path.ts';
import { FolderRules } from '#agent/store/folder-rules.ts';
import { LabelFiles } from '#agent/store/label-files.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import { resolveRoot } from '#agent/store/root-guard.ts';
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
  for (const [i, { folder, exclude, scan, labels: configured }] of config.spaces.entries()) {
    const root = await resolveRoot(nodeDisk, folder);
    const rules = new FolderRules(nodeDisk, clock, root, exclude, false);
    await rules.reload();
    const labels = new LabelRules(configured);
    const files = new LabelFiles({ disk: nodeDisk, lstatAll, clock, root });
    labels.useFiles(files);
    // What is a state secret is not even listed.
    const excludes = (path: string, kind: 'dir') =>
      rules.excludes(path, kind) || labels.isUnknown(path) || labels.isSecret(path, kind);
    const enter = async (dir: string) => {
      await files.enter(dir, signal);
      return labels.brokenOver(joinPath(dir, '.')) === undefined;
    };
    const { plan, directories, limit } = await planWatch(
      { disk: nodeDisk, lstatAll, root, excludes, enter },
      limits,
      signal,
    );
    const code = plan === 'watch' ? 'CHECK_WATCH' : 'CHECK_WATCH_SCAN';
    const details = { ...locate(['spaces', i, 'folder']), directories: directories.length, limit, scan };
    notes.push({ code, details });
  }
  return notes;
}
