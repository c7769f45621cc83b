/** Changes to valid input, from a flipped bit to another value in the middle of a document. */
import { decode as cborDecode, encode as cborEncode } from 'cborg';
import type { Chance } from './fuzz.ts';

export function mutateBytes(chance: Chance, input: Uint8Array): Uint8Array {
  let bytes = Uint8Array.from(input);
  for (let times = 1 + chance.below(4); times > 0; times--) bytes = mutateOnce(chance, bytes);
  return bytes;
}

function mutateOnce(chance: Chance, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = chance.below(bytes.length + 1);
  const length = 1 + chance.below(chance.pick([2, 9, 70]));
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (chance.below(6)) {
    case 0:
      return new Uint8Array(Buffer.concat([before, chance.bytes(length), after]));
    case 1:
      return new Uint8Array(Buffer.concat([before, after.subarray(length)]));
    case 2:
      return new Uint8Array(Buffer.concat([before, after.subarray(0, length), after]));
    case 3:
      return new Uint8Array(before);
    default: {
      const changed = Uint8Array.from(bytes);
      if (at < bytes.length)
        changed[at] = chance.once(2) ? (bytes[at] ?? 0) ^ (1 << chance.below(8)) : chance.below(256);
      return changed;
    }
  }
}

const numbers = [
  0,
  -1,
  1,
  23,
  24,
  255,
  256,
  65_535,
  2 ** 31,
  2 ** 32,
  2 ** 48,
  2 ** 49,
  Number.MAX_SAFE_INTEGER,
  0.5,
  -0,
];
const bigints = [2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n - 1n];
const texts = [
  '',
  '\0',
  '.',
  '..',
  '../../x',
  '/etc/passwd',
  'a/b',
  '.dongbo/root.json',
  '.DONGBO',
  'x'.repeat(300),
  'a\u0323\u0306',
  '\u202e',
  '😀',
  '__proto__',
  'constructor',
  'null',
  '\n',
  'C:\\x',
  'e'.repeat(5000),
];

function oddValue(chance: Chance): unknown {
  switch (chance.below(8)) {
    case 0:
      return chance.pick(numbers);
    case 1:
      return chance.pick(bigints);
    case 2:
      return chance.pick(texts);
    case 3:
      return chance.bytes(chance.pick([0, 1, 8, 16, 31, 32, 33, 64, 3000]));
    case 4:
      return chance.pick([null, true, false]);
    case 5:
      return [];
    case 6:
      return Array.from({ length: chance.pick([1, 3, 2000]) }, () => chance.pick(numbers));
    default:
      return { [chance.pick(texts)]: chance.pick(numbers) };
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** A copy with something else at one place or a few. */
export function mutateValue(chance: Chance, value: unknown): unknown {
  let mutated = changed(chance, value);
  while (chance.once(3)) mutated = changed(chance, mutated);
  return mutated;
}

function changed(chance: Chance, value: unknown): unknown {
  if (Array.isArray(value) && value.length > 0 && !chance.once(6)) return changedList(chance, value);
  if (isRecord(value) && Object.keys(value).length > 0 && !chance.once(12))
    return changedRecord(chance, value);
  if (value instanceof Uint8Array && !chance.once(3)) return mutateBytes(chance, value);
  if (typeof value === 'number' && chance.once(2)) return value + chance.pick([-1, 1, 1000, -value]);
  if (typeof value === 'string' && chance.once(2)) return mutateText(chance, value);
  return oddValue(chance);
}

function changedList(chance: Chance, list: readonly unknown[]): unknown[] {
  const at = chance.below(list.length);
  const one = list[at];
  switch (chance.below(6)) {
    case 0:
      return list.toSpliced(at, 1);
    case 1:
      return list.toSpliced(at, 0, one);
    case 2:
      return [...list, ...Array.from({ length: chance.pick([1, 70, 600]) }, () => one)];
    case 3:
      return list.toReversed();
    default:
      return list.with(at, changed(chance, one));
  }
}

function changedRecord(chance: Chance, record: Record<string, unknown>): Record<string, unknown> {
  const key = chance.pick(Object.keys(record));
  const { [key]: one, ...others } = record;
  if (chance.once(10)) return others;
  if (chance.once(10)) return { ...record, [chance.pick(texts)]: oddValue(chance) };
  return { ...record, [key]: changed(chance, one) };
}

export function mutateText(chance: Chance, text: string): string {
  const at = chance.below(text.length + 1);
  const rest = text.slice(at + chance.below(5));
  return (
    text.slice(0, at) +
    (chance.once(3) ? '' : chance.pick([...texts, ': ', '  ', '- ', '{', ']', '*', '!', '&a', '\t', '#'])) +
    rest
  );
}

/** CBOR whose values are changed, or whose bytes are; of other bytes the bytes. */
export function mutateCbor(chance: Chance, bytes: Uint8Array): Uint8Array {
  if (chance.once(3)) return mutateBytes(chance, bytes);
  let value: unknown;
  try {
    value = cborDecode(bytes, { allowBigInt: true });
  } catch {
    return mutateBytes(chance, bytes);
  }
  return cborEncode(mutateValue(chance, value));
}
