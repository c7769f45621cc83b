/** What the first pass over the want-list leaves for later in the run. */

/** Paths of one kind that are kept: so much is in memory. */
const maxKept = 100_000;

export interface Later {
  deletes: number;
  readonly removeFiles: string[];
  readonly removeDirs: string[];
  readonly replaceDirs: string[];
  readonly modes: string[];
  readonly withdrawFiles: string[];
  readonly withdrawDirs: string[];
  /** Withdrawals by which something is destroyed. */
  destroys: number;
}

export const nothingLater = (): Later => {
  const [removeFiles, removeDirs, replaceDirs, modes] = [[], [], [], []];
  const [withdrawFiles, withdrawDirs] = [[], []];
  return {
    deletes: 0,
    removeFiles,
    removeDirs,
    replaceDirs,
    modes,
    withdrawFiles,
    withdrawDirs,
    destroys: 0,
  };
};

/** Of the deletes of a run, those that it has kept in mind. */
export const listed = ({ removeFiles, removeDirs, withdrawFiles, withdrawDirs }: Later): number =>
  removeFiles.length + removeDirs.length + withdrawFiles.length + withdrawDirs.length;

export function keep(list: string[], path: string): void {
  if (list.length < maxKept) list.push(path);
}
