/**
 * One key, one purpose (R19), as the compiler sees it: where a key of another purpose would be taken, a `true` below is an
 * error, and `npm run types` fails.
 */
import type { KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isCode } from '#agent/core/errors.ts';
import type { openOnce, sealOnce } from '#agent/seal/aead.ts';
import type { EpochParts } from '#agent/seal/epoch.ts';
import {
  type ChunkIdKey,
  type ChunkKey,
  type ChunkKeyKey,
  chunkKey,
  type EpochSecret,
  epochSecret,
  type P384SignKey,
  type RecordKey,
  type RecordMacKey,
  recordKey,
  type SignSeed,
  signSeed,
  type TagKey,
  tagKey,
  type WrapPrivate,
  type WrapPublic,
} from '#agent/seal/key-types.ts';
import type { nodeOfSeed } from '#agent/seal/node-identity.ts';
import type { signP384 } from '#agent/seal/p384.ts';
import type { Suite } from '#agent/seal/suite.ts';

interface Keys {
  readonly signSeed: SignSeed;
  readonly p384SignKey: P384SignKey;
  readonly wrapPrivate: WrapPrivate;
  readonly wrapPublic: WrapPublic;
  readonly epochSecret: EpochSecret;
  readonly chunkIdKey: ChunkIdKey;
  readonly chunkKeyKey: ChunkKeyKey;
  readonly recordMacKey: RecordMacKey;
  readonly chunkKey: ChunkKey;
  readonly recordKey: RecordKey;
  readonly tagKey: TagKey;
  readonly bytes: Uint8Array;
  /** Such as that of TLS. */
  readonly keyObject: KeyObject;
}

/** Which of the keys fit a parameter. */
type Taken<Parameter> = { [K in keyof Keys]: Keys[K] extends Parameter ? K : never }[keyof Keys];

/** `true` when exactly those fit; else a compile error where it is assigned. */
type Only<Parameter, Names extends keyof Keys> = [Taken<Parameter>, Names] extends [Names, Taken<Parameter>]
  ? true
  : never;

const oneKeyOnePurpose: {
  readonly wrapsTo: Only<Parameters<Suite['wrap']>[0], 'wrapPublic'>;
  readonly wraps: Only<Parameters<Suite['wrap']>[1], 'epochSecret'>;
  readonly unwraps: Only<Parameters<Suite['unwrap']>[0], 'wrapPrivate'>;
  readonly derives: Only<EpochParts['secret'], 'epochSecret'>;
  readonly seals: Only<Parameters<typeof sealOnce>[0], 'chunkKey' | 'recordKey'>;
  readonly opens: Only<Parameters<typeof openOnce>[0], 'chunkKey' | 'recordKey'>;
  readonly isNode: Only<Parameters<typeof nodeOfSeed>[0], 'signSeed'>;
  readonly signs: Only<Parameters<typeof signP384>[0], 'p384SignKey'>;
  readonly tag: Only<TagKey, 'tagKey'>;
  readonly chunkId: Only<ChunkIdKey, 'chunkIdKey'>;
  readonly chunkKeys: Only<ChunkKeyKey, 'chunkKeyKey'>;
  readonly records: Only<RecordMacKey, 'recordMacKey'>;
} = {
  wrapsTo: true,
  wraps: true,
  unwraps: true,
  derives: true,
  seals: true,
  opens: true,
  isNode: true,
  signs: true,
  tag: true,
  chunkId: true,
  chunkKeys: true,
  records: true,
};

describe('keys', () => {
  it('have one purpose each', () => {
    // The compiler has decided; this only keeps the list from being dropped.
    expect(Object.keys(oneKeyOnePurpose)).toHaveLength(12);
  });

  it.each(Object.entries({ signSeed, epochSecret, tagKey, chunkKey, recordKey }))(
    'of 32 bytes are not made of more or fewer: %s',
    (_name, make) => {
      for (const length of [0, 31, 33]) {
        let thrown: unknown;
        try {
          make(new Uint8Array(length));
        } catch (error) {
          thrown = error;
        }
        expect(isCode(thrown, 'INVARIANT'), `${length} bytes`).toBe(true);
      }
      expect(make(new Uint8Array(32)).length).toBe(32);
    },
  );
});
