/** What people have really deleted, to hold a halt at a mass delete against. */
import { filesOf } from './folder.ts';
import type { Contents } from './contents.ts';
import type { Member } from './member.ts';

interface Deleted {
  readonly at: Member;
  readonly path: string;
  readonly sha: string | undefined;
}

export class Deletes {
  readonly #all: Deleted[] = [];
  /** Items that a raised label may have taken away from somebody. */
  raised = 0;

  note(at: Member, path: string, sha?: string): void {
    this.#all.push({ at, path, sha });
  }

  /** Those that nobody has made again, under that name or another. */
  net(members: readonly Member[], contents: Contents): number {
    const there = members.map((member) => ({
      member,
      paths: new Set(filesOf(member)),
      shas: new Set(filesOf(member).map((path) => contents.shaOf(`${member.folder}/${path}`))),
    }));
    return this.#all.filter(({ at, path, sha }) => {
      const here = there.find(({ member }) => member === at);
      return here && !here.paths.has(path) && !(sha && here.shas.has(sha));
    }).length;
  }
}
