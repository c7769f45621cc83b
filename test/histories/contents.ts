/** What people have written in a history, and where it is now: folder, trash, or set aside. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Member } from './member.ts';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

interface Seen {
  readonly key: string;
  readonly sha: string;
}

export class Contents {
  #count = 0;
  /** By hash: a name for the story, and the members whose people wrote it. */
  readonly #written = new Map<string, { readonly name: string; readonly by: Set<string> }>();
  readonly #seen = new Map<string, Seen>();
  /** What lay at each member when it was last looked at. */
  readonly #lay = new Map<Member, ReadonlySet<string>>();

  /** A text that nobody has written before, of a length of its own. */
  fresh(member: Member, length: number): string {
    this.#count += 1;
    const name = `#${this.#count}`;
    const text = `${name} của ${member.name}\n${'.'.repeat(length)}\n`;
    this.made(member, text, name);
    return text;
  }

  made(member: Member, text: string | Buffer, name = 'a text'): void {
    const sha = sha256(text);
    const known = this.#written.get(sha) ?? { name, by: new Set<string>() };
    known.by.add(member.name);
    this.#written.set(sha, known);
  }

  nameOf(sha: string): string {
    return this.#written.get(sha)?.name ?? sha.slice(0, 8);
  }

  isMadeAt(member: Member, sha: string): boolean {
    return this.#written.get(sha)?.by.has(member.name) ?? false;
  }

  shaOf(file: string): string {
    const stat = lstatSync(file, { bigint: true });
    const key = `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    const seen = this.#seen.get(file);
    if (seen?.key === key) return seen.sha;
    const sha = sha256(readFileSync(file));
    this.#seen.set(file, { key, sha });
    return sha;
  }

  /** Whatever can still be had at a member. What is only half received does not count. */
  at(member: Member): ReadonlySet<string> {
    const found = new Set<string>();
    const walk = (dir: string): void => {
      for (const entry of readdirSync(dir, { withFileTypes: true })) {
        const path = join(dir, entry.name);
        if (entry.isDirectory() && !path.endsWith('/.dongbo/stage')) walk(path);
        else if (entry.isFile()) found.add(this.shaOf(path));
      }
    };
    walk(member.folder);
    return found;
  }

  /** What was there when it was last looked at, and is no more. */
  look(member: Member): string[] {
    const [before, now] = [this.#lay.get(member) ?? new Set<string>(), this.at(member)];
    this.#lay.set(member, now);
    return [...before].filter((sha) => this.#written.has(sha) && !now.has(sha));
  }
}
