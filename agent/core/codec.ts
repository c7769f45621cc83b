/**
 * Deterministic CBOR (RFC 8949 §4.2.1): one value has exactly one encoding, so hashes and signatures over encoded
 * bytes mean the value. Integers, text, byte strings, arrays, maps with text keys, booleans and null; nothing else.
 */
import { decode as cborDecode, encode as cborEncode, type EncodeOptions } from 'cborg';
import { anyShape, isWithinShape, type Shape } from './cbor-shape.ts';
import { DongboError } from './errors.ts';

/** Bytes of the largest value that `decode` takes unless told otherwise: twice the largest body of a request. */
export const maxEncoded = 16 * 1024 * 1024;

function refuse(what: string): never {
  throw new DongboError('INVARIANT', { what: `not encodable: ${what}` });
}

/** Integers beyond 2^53 - 1 must come as bigint: a number there may already have lost its last bits. */
const options: EncodeOptions = {
  typeEncoders: {
    number: (value: number) => (Number.isSafeInteger(value) ? null : refuse('number')),
    bigint: (value: bigint) => (BigInt.asIntN(65, value) === value ? null : refuse('bigint')),
    undefined: () => refuse('undefined'),
    string: (value: string) => (value.isWellFormed() ? null : refuse('lone surrogate')),
    Tagged: () => refuse('tag'),
  },
};

/** Throws INVARIANT for what cannot be encoded: that is a fault of ours, never of a peer. */
export function encode(value: unknown): Uint8Array {
  return cborEncode(value, options);
}

/**
 * Text keys make plain objects; integers beyond 2^53 - 1 come as bigint. Throws CODEC_MALFORMED for anything that
 * `encode` would not have written byte for byte: trailing bytes, long forms, unsorted or repeated keys, indefinite
 * lengths, floats, tags, broken UTF-8, more than `limit` bytes, or more values than `shape`: no value is made of those.
 */
export function decode(bytes: Uint8Array, limit: number = maxEncoded, shape: Shape = anyShape): unknown {
  if (bytes.length > limit) throw malformed(`more than ${limit} bytes`);
  if (!isWithinShape(bytes, shape)) throw malformed(`at most ${shape.values} values, ${shape.depth} deep`);
  let value: unknown;
  let again: Uint8Array;
  try {
    value = cborDecode(bytes, { strict: true, allowIndefinite: false, rejectDuplicateMapKeys: true });
    again = encode(value);
  } catch (cause) {
    throw malformed('deterministic CBOR', cause);
  }
  if (Buffer.compare(again, bytes) !== 0) throw malformed('deterministic CBOR');
  return value;
}

const malformed = (rule: string, cause?: unknown): DongboError =>
  new DongboError('CODEC_MALFORMED', { what: 'bytes', field: '(all)', rule }, { cause });
