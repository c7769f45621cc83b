/**
 * What a store leaves out, in the syntax of .gitignore: the patterns of the configuration, then those of
 * `.dongboignore` in the root. `.dongbo/` is always left out, and so are `.dongboignore` and label files themselves: what
 * an agency shares is its own decision, so no other member may be able to send it new rules.
 */
import ignore, { type Ignore } from 'ignore';
import { nameOf, privateFolder } from '#agent/core/path.ts';
import type { FoundKind } from './store.ts';

export const ignoreFile = '.dongboignore';
/** Of any folder: it gives labels to what lies beneath. */
export const labelFile = '.dongbo-labels.yaml';

/** The library remembers every path it was asked about; it starts afresh after this many, so that memory is bounded. */
const maxRemembered = 4096;

/** What Word and LibreOffice put beside a document that is open: of no use to others, where it says that it is open. */
export const lockFiles = '~$*\n.~lock.*#';
const isLockFile = (path: string): boolean =>
  path.includes('~') && /(?:^|\/)(?:~\$[^/]*|\.~lock\.[^/]*#)(?:\/|$)/.test(path);

export class IgnoreRules {
  readonly #patterns: readonly string[];
  /** `locks`: `lockFiles` alone, which is asked of every path, and needs no library. */
  readonly #any: boolean | 'locks';
  readonly #remembered: number;
  #rules: Ignore;
  #asked = 0;

  /** `texts` are pattern lists, one pattern a line; later ones win. Letter case counts, as the disk counts it. */
  constructor(texts: readonly string[], remembered = maxRemembered) {
    this.#patterns = texts;
    this.#remembered = remembered;
    const said = texts.filter((text) => text.trim() !== '');
    this.#any = said.length === 1 && said[0] === lockFiles ? 'locks' : said.length > 0;
    this.#rules = this.#build();
  }

  /** Whether `path`, or a directory above it, is left out. */
  excludes(path: string, kind: FoundKind): boolean {
    if (path === '') return false;
    if (isOurs(path)) return true;
    if (!this.#any) return false;
    if (this.#any === 'locks') return isLockFile(path);
    this.#asked += 1;
    if (this.#asked > this.#remembered) {
      this.#asked = 0;
      this.#rules = this.#build();
    }
    return this.#rules.ignores(kind === 'dir' ? `${path}/` : path);
  }

  #build(): Ignore {
    const rules = ignore({ ignorecase: false });
    for (const text of this.#patterns) rules.add(text);
    return rules;
  }
}

/** Whether a text leaves out, or lets in, anything at all. */
export const hasPatterns = (text: string): boolean =>
  text.split(/\r?\n/).some((line) => line.trim() !== '' && !line.startsWith('#'));

const isOurs = (path: string): boolean =>
  path === ignoreFile ||
  nameOf(path) === labelFile ||
  path === privateFolder ||
  path.startsWith(`${privateFolder}/`);
