/** Opaque names of paths, under a key of this node: what is kept under them tells nothing of the names. */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { parentOf } from './path.ts';

const maxKnown = 4096;
const ivBytes = 12;
const authBytes = 16;

export class PathTags {
  readonly #key: Uint8Array;
  /** Of directories: each is asked for once for every item in it. */
  readonly #known = new Map<string, readonly string[]>();

  /** `key`: 32 random bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** 32 hex digits; '' is the root. */
  of(path: string): string {
    return createHmac('sha256', this.#key).update(`path\0${path}`, 'utf8').digest('hex').slice(0, 32);
  }

  /** Of the root, of each directory above `path`, and of `path`. */
  chain(path: string): readonly string[] {
    return path === '' ? this.#ofDir('') : [...this.#ofDir(parentOf(path)), this.of(path)];
  }

  #ofDir(dir: string): readonly string[] {
    const known = this.#known.get(dir);
    if (known) return known;
    const chain = dir === '' ? [this.of('')] : [...this.#ofDir(parentOf(dir)), this.of(dir)];
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(dir, chain);
    return chain;
  }

  /** For what must be read again by this node and by nobody who only finds it. The same text seals to the same bytes. */
  seal(text: string): string {
    const iv = createHmac('sha256', this.#key).update(`seal\0${text}`, 'utf8').digest().subarray(0, ivBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    const sealed = [iv, cipher.update(text, 'utf8'), cipher.final()];
    return Buffer.concat([...sealed, cipher.getAuthTag()]).toString('base64');
  }

  /** Throws when it was not sealed here. */
  open(sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, ivBytes));
    decipher.setAuthTag(bytes.subarray(bytes.length - authBytes));
    const text = decipher.update(bytes.subarray(ivBytes, bytes.length - authBytes));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  }
}
