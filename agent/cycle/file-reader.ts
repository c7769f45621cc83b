/** Reads a file that a look has found changed, under the class that it is to have; or says why not, and tries it again. */
import { isCode, type Problem } from '#agent/core/errors.ts';
import { sameContent } from '#agent/core/item.ts';
import { parentOf } from '#agent/core/path.ts';
import type { Found } from '#agent/store/store.ts';
import type { Kin } from './kin.ts';
import type { Publisher } from './publisher.ts';
import type { PutOff } from './put-off.ts';
import { type ReadParts, readLocal, type Seen } from './read-local.ts';

export interface FileReaderParts extends ReadParts {
  readonly kin: Kin;
  readonly putOff: PutOff;
}

/** `again`: look again soon. Else it was put off: nothing more to do now than to tell why, if there is a reason to. */
export type FileRead =
  | { readonly seen: Seen & { readonly labelClass: string } }
  | { readonly again: true }
  | { readonly problem: Problem | undefined };

/** A save is often caught in its midst: it is told of when it was so this many times running. */
const toldAfter = 2;

export class FileReader {
  readonly #parts: FileReaderParts;

  constructor(parts: FileReaderParts) {
    this.#parts = parts;
  }

  async read(found: Found, given: string, publisher: Publisher, signal: AbortSignal): Promise<FileRead> {
    const { clock, putOff } = this.#parts;
    const { path } = found;
    if (putOff.waits(path)) return { problem: undefined };
    const started = clock.monotonic();
    const of = () => ({ dir: parentOf(path), tookMs: clock.monotonic() - started, unread: true });
    try {
      const seen = await this.#seen(found, given, publisher, signal);
      if (!seen) return { problem: restless(path, putOff.met(path, 'changing', of())) };
      if (seen.grows) putOff.met(path, 'growing', { ...of(), unread: seen.grows === 'on' });
      else putOff.over(path);
      return { seen };
    } catch (error) {
      if (isCode(error, 'STORE_ITEM_GONE')) return { again: true };
      if (!isCode(error, 'STORE_READ_FAILED')) throw error;
      putOff.met(path, 'failed', of());
      return { problem: { code: error.code, path, details: error.details } };
    }
  }

  /** Undefined when it changed meanwhile: what it holds by now may have another class. */
  async #seen(found: Found, given: string, publisher: Publisher, signal: AbortSignal) {
    const first = await readLocal(this.#parts, found, await publisher.keys(given), signal);
    if (!first) return undefined;
    const labelClass = await this.#classFor(found, first, given, publisher);
    if (labelClass === given) return { ...first, labelClass };
    const again = await readLocal(this.#parts, found, await publisher.keys(labelClass), signal);
    return again && sameContent(again.local.state, first.local.state) ? { ...again, labelClass } : undefined;
  }

  /** A file that holds what a higher item holds is sealed as that is. */
  async #classFor({ path }: Found, { local }: Seen, given: string, { me }: Publisher): Promise<string> {
    return me.publishes ? this.#parts.kin.classFor(path, local.state, given) : given;
  }
}

function restless(
  path: string,
  { tries, since }: { readonly tries: number; readonly since: number },
): Problem | undefined {
  if (tries < toldAfter) return undefined;
  return { code: 'FILES_CHANGING', path, details: { since: new Date(since).toISOString() } };
}
