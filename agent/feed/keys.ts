/**
 * The layout of the database: one letter, the space (16 bytes), then what is named below. Numbers are six bytes, the
 * most significant first, so that keys sort as numbers do. Paths hold no NUL, so NUL ends them. `v` and `w` are the
 * vault's (`vault-index.ts`), `S`, `M` and `D` those of the whole state (`state.ts`).
 */
import type { LossSide } from '#agent/core/guard.ts';
import {
  bytesOf,
  type ChunkId,
  type Digest,
  type NodeId,
  type Origin,
  type SpaceId,
  type Tag,
} from '#agent/core/ids.ts';
import { joinPath, nameOf, parentOf } from '#agent/core/path.ts';
import type { Range } from './db.ts';

type Part = string | number | Uint8Array;

const numberBytes = 6;
const hashStart = 16;
/** Kind and space. */
const prefixBytes = 1 + 16;

interface FileName {
  readonly size: number;
  readonly sha256: Digest;
}

export function numberAsBytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(numberBytes);
  bytes.writeUIntBE(value, 0, numberBytes);
  return bytes;
}

/** `at` may be negative: counted from the end. */
export function numberFrom(bytes: Uint8Array, at = 0): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.readUIntBE(at < 0 ? bytes.length + at : at, numberBytes);
}

/** Strings that came from outside may hold lone surrogates; they become U+FFFD. */
export function joinKey(...parts: readonly Part[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(part, 'utf8');
      return typeof part === 'number' ? numberAsBytes(part) : part;
    }),
  );
}

/** All keys that begin with `prefix`, which ends in a byte below 255 or in one that can be carried. */
export function allUnder(prefix: Uint8Array): Range {
  const lt = Buffer.from(prefix);
  for (let i = lt.length - 1; i >= 0; i--) {
    const byte = lt[i] ?? 0;
    lt[i] = byte === 255 ? 0 : byte + 1;
    if (byte < 255) break;
  }
  return { gte: prefix, lt };
}

const sideByte = (side: LossSide): Uint8Array => Buffer.of(side === 'local' ? 0 : 1);

const originBytes = ({ node, incarnation }: Origin): Uint8Array => bytesOf(node + incarnation);

/** Keys of one space. */
export class SpaceKeys {
  readonly #space: Uint8Array;

  constructor(space: SpaceId) {
    this.#space = bytesOf(space);
  }

  #key(kind: string, ...parts: readonly Part[]): Uint8Array {
    return joinKey(kind, this.#space, ...parts);
  }

  /** Text at the end of a key, after `skip` bytes that follow kind and space. */
  static textOf(key: Uint8Array, skip = 0): string {
    return Buffer.from(key.buffer, key.byteOffset, key.length).toString('utf8', prefixBytes + skip);
  }

  readonly counts = (): Uint8Array => this.#key('k');

  /** Direct children of a directory lie together, sorted by the bytes of their names. */
  readonly row = (path: string): Uint8Array => this.#key('r', parentOf(path), '\0', nameOf(path));
  readonly allRows = (): Range => allUnder(this.#key('r'));
  readonly rowsIn = (dir: string): Range => allUnder(this.#key('r', dir, '\0'));
  readonly nameIn = (dir: string, key: Uint8Array): string =>
    SpaceKeys.textOf(key, Buffer.byteLength(dir, 'utf8') + 1);

  /** Files by what this disk holds of them: size, start of the hash, path. */
  readonly content = ({ size, sha256 }: FileName, path: string): Uint8Array =>
    this.#key('C', size, bytesOf(sha256).subarray(0, hashStart), path);
  readonly sameContent = (name: FileName): Range => allUnder(this.content(name, ''));
  readonly allContents = (): Range => allUnder(this.#key('C'));
  static readonly contentPath = (key: Uint8Array): string => SpaceKeys.textOf(key, numberBytes + hashStart);

  /** Contents of records that stand where this disk holds something else, or nothing yet. */
  readonly coming = ({ size, sha256 }: FileName, path: string): Uint8Array =>
    this.#key('K', size, bytesOf(sha256).subarray(0, hashStart), path);
  readonly allComing = (name: FileName): Range => allUnder(this.coming(name, ''));

  /** The path of a row's key. */
  static readonly rowPath = (key: Uint8Array): string => {
    const [dir = '', name = ''] = SpaceKeys.textOf(key).split('\0');
    return joinPath(dir, name);
  };

  readonly pending = (path: string): Uint8Array => this.#key('p', path);
  readonly allPending = (): Range => allUnder(this.#key('p'));

  readonly aside = (path: string): Uint8Array => this.#key('a', path);
  readonly allAsides = (): Range => allUnder(this.#key('a'));

  readonly correction = (id: string): Uint8Array => this.#key('y', id);
  readonly corrections = (prefix: string): Range => allUnder(this.#key('y', prefix));

  readonly problem = (path: string): Uint8Array => this.#key('e', path);
  readonly allProblems = (): Range => allUnder(this.#key('e'));

  readonly cursor = (name: string): Uint8Array => this.#key('u', name);

  readonly head = (origin: Origin): Uint8Array => this.#key('h', originBytes(origin));
  readonly allHeads = (): Range => allUnder(this.#key('h'));
  readonly position = (origin: Origin): Uint8Array => this.#key('q', originBytes(origin));
  readonly positionsOf = (node: NodeId): Range => allUnder(this.#key('q', bytesOf(node)));
  readonly segment = (origin: Origin, first: number): Uint8Array =>
    this.#key('g', originBytes(origin), first);
  readonly segments = (origin: Origin, from: number): Range => ({
    gte: this.segment(origin, from),
    lt: allUnder(this.#key('g', originBytes(origin))).lt,
  });
  readonly segmentsUpTo = (origin: Origin, seq: number): Range => ({
    gte: this.segment(origin, 0),
    lt: this.segment(origin, seq + 1),
  });
  readonly body = (origin: Origin, seq: number): Uint8Array => this.#key('b', originBytes(origin), seq);
  readonly bodies = (origin: Origin, from: number, end: number): Range => ({
    gte: this.body(origin, from),
    lt: this.body(origin, end),
  });
  readonly tag = (origin: Origin, tag: Tag): Uint8Array => this.#key('t', originBytes(origin), bytesOf(tag));
  readonly opened = (origin: Origin, tag: Tag): Uint8Array =>
    this.#key('T', originBytes(origin), bytesOf(tag));
  /** What feeds ever brought to a path: `history.ts`. */
  readonly brought = (path: string, origin: Origin, name: Uint8Array): Uint8Array =>
    this.#key('B', path, '\0', originBytes(origin), name);
  readonly broughtTo = (path: string): Range => allUnder(this.#key('B', path, '\0'));
  readonly allBrought = (): Range => allUnder(this.#key('B'));
  static readonly pathOfBrought = (key: Uint8Array): string => SpaceKeys.textOf(key).split('\0')[0] ?? '';
  /** Contents of files that were published, and whose record stands no more. */
  readonly former = ({ size, sha256 }: FileName, path: string): Uint8Array =>
    this.#key('F', size, bytesOf(sha256).subarray(0, hashStart), path);
  readonly formerOf = (name: FileName): Range => allUnder(this.former(name, ''));
  readonly allFormer = (): Range => allUnder(this.#key('F'));
  readonly withdrawal = (origin: Origin, seq: number): Uint8Array => this.#key('z', originBytes(origin), seq);
  readonly allWithdrawals = (): Range => allUnder(this.#key('z'));
  readonly owed = (origin: Origin, seq: number): Uint8Array => this.#key('o', originBytes(origin), seq);
  readonly allOwed = (origin: Origin): Range => allUnder(this.#key('o', originBytes(origin)));

  readonly receipt = (reader: NodeId, origin: Origin): Uint8Array =>
    this.#key('c', bytesOf(reader), originBytes(origin));
  readonly allReceipts = (): Range => allUnder(this.#key('c'));

  /** The files that chunks are found in have numbers; see `locations.ts`. */
  readonly fileNumber = (path: string): Uint8Array => this.#key('n', path);
  readonly filePath = (file: number): Uint8Array => this.#key('f', file);
  readonly allFilePaths = (): Range => allUnder(this.#key('f'));
  readonly place = (id: Uint8Array, file: number): Uint8Array => this.#key('l', id, file);
  readonly places = (id: ChunkId): Range => allUnder(this.#key('l', bytesOf(id)));
  readonly placeOf = (file: number, id: Uint8Array): Uint8Array => this.#key('m', file, id);
  readonly placesOf = (file: number): Range => allUnder(this.#key('m', file));
  readonly staleFile = (file: number): Uint8Array => this.#key('x', file);
  readonly allStaleFiles = (): Range => allUnder(this.#key('x'));

  /** What each record of a segment is sealed under; see `key-runs.ts`. */
  readonly sealedUnder = (origin: Origin, first: number): Uint8Array =>
    this.#key('s', originBytes(origin), first);

  /** The key ledger: an epoch, and behind it whom it was granted to. */
  readonly epochFact = (origin: Origin, epoch: number): Uint8Array =>
    this.#key('E', originBytes(origin), epoch);
  readonly grantFact = (origin: Origin, epoch: number, node: Uint8Array): Uint8Array =>
    this.#key('E', originBytes(origin), epoch, node);
  readonly epochFactsOf = (origin: Origin): Range => allUnder(this.#key('E', originBytes(origin)));
  readonly allEpochFacts = (): Range => allUnder(this.#key('E'));

  /** Peers that were brought chunks, and what each is to drop: what is withdrawn first. */
  readonly pushedTo = (peer: NodeId): Uint8Array => this.#key('j', bytesOf(peer));
  readonly allPushedTo = (): Range => allUnder(this.#key('j'));
  readonly owedDrop = (
    peer: NodeId,
    { urgent, seq, id }: { readonly urgent: boolean; readonly seq: number; readonly id: Uint8Array },
  ): Uint8Array => this.#key('d', bytesOf(peer), Buffer.of(urgent ? 0 : 1), seq, id);
  readonly owedDrops = (peer: NodeId): Range => allUnder(this.#key('d', bytesOf(peer)));

  /** What the folder lost in the last minutes: side, run, path (`losses.ts`). */
  readonly loss = (side: LossSide, run: number, path: string): Uint8Array =>
    this.#key('L', sideByte(side), run, path);
  readonly losses = (side: LossSide): Range => allUnder(this.#key('L', sideByte(side)));
  readonly lossesUpTo = (side: LossSide, run: number): Range => ({
    gte: this.losses(side).gte,
    lt: this.#key('L', sideByte(side), run + 1),
  });
  static readonly runOf = (key: Uint8Array): number => numberFrom(key, prefixBytes + 1);

  /** Every key of the space but the key ledger: what was granted stays granted. */
  readonly everything = (): Range[] =>
    [...'krpeuhqgbtocnflmxysTzjdCBFKL'].map((kind) => allUnder(this.#key(kind)));
}
