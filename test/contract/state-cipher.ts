/** What every state cipher must do, whatever holds its key. */
import { describe, expect, test } from 'vitest';
import { isCode } from '#agent/core/errors.ts';
import { parseIncarnation, parseNodeId, parseSpaceId } from '#agent/core/ids.ts';
import { maxChunk } from '#agent/core/sealed-chunk.ts';
import { DeviceKeys, type DeviceKeysParts } from '#agent/seal/device-keys.ts';
import type { StateCipherProvider } from '#agent/seal/state-cipher.ts';
import { sha256 } from '#agent/seal/verify.ts';
import { MemoryCipher } from '#test/seal/memory-cipher.ts';

export interface CipherFixture extends AsyncDisposable {
  readonly cipher: StateCipherProvider;
  /** Takes the device away, as a person would. */
  readonly takeAway: () => Promise<void>;
}

/** A device that holds `sampleKey` under the label `khoa-mat`. */
export type OpenCipher = () => Promise<CipherFixture>;

export const sampleKey = Uint8Array.from({ length: 32 }, (_, i) => i * 7 + 3);
export const sampleLabel = 'khoa-mat';

const place = (fill: number) => new Uint8Array(32).fill(fill);
const text = (s: string) => new TextEncoder().encode(s);
const aad = text('aad');

export const keysOver = (cipher: StateCipherProvider, changes: Partial<DeviceKeysParts> = {}): DeviceKeys =>
  new DeviceKeys({
    space: parseSpaceId('00112233445566778899aabbccddeeff'),
    origin: { node: parseNodeId('ab'.repeat(32)), incarnation: parseIncarnation('0a'.repeat(8)) },
    epoch: 1,
    labelClass: 'INTERNAL+MAT',
    suite: 'vn-civil',
    device: cipher.key,
    use: (_, work) => work(cipher),
    ...changes,
  });

export function stateCipherContract(name: string, open: OpenCipher): void {
  describe(`StateCipherProvider contract: ${name}`, () => {
    primitives(open);
    itemKeys(open);
    removal(open);
  });
}

function primitives(open: OpenCipher): void {
  test('gives what any device of the same key gives', async () => {
    await using fixture = await open();
    const { cipher } = fixture;
    const other = new MemoryCipher(sampleLabel, sampleKey);
    expect(cipher.key).toEqual(other.key);
    expect(cipher.key.check).toMatch(/^[0-9a-f]{32}$/);
    for (const length of [1, 5000, maxChunk]) {
      const plain = new Uint8Array(length).fill(9);
      expect(sha256(cipher.mac(place(1), plain))).toBe(sha256(other.mac(place(1), plain)));
      const sealed = cipher.seal(place(2), place(3), aad, plain);
      expect(sha256(sealed)).toBe(sha256(other.seal(place(2), place(3), aad, plain)));
      expect(sha256(cipher.open(place(2), place(3), aad, sealed) ?? aad)).toBe(sha256(plain));
    }
  });

  test('seals and names differently at each place and for each id', async () => {
    await using fixture = await open();
    const { cipher } = fixture;
    const plain = text('Tờ trình');
    const macs = [1, 2, 3].map((fill) => sha256(cipher.mac(place(fill), plain)));
    expect(new Set(macs).size).toBe(3);
    const pairs = [1, 2].flatMap((p) => [3, 4].map((id) => cipher.seal(place(p), place(id), aad, plain)));
    expect(new Set(pairs.map(sha256)).size).toBe(4);
  });

  test('opens nothing that differs by a bit, an id, a place or the associated data', async () => {
    await using fixture = await open();
    const { cipher } = fixture;
    const sealed = cipher.seal(place(2), place(3), aad, text('Tờ trình số 5'));
    for (const at of [0, sealed.length - 1]) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(cipher.open(place(2), place(3), aad, changed)).toBeUndefined();
    }
    expect(cipher.open(place(2), place(4), aad, sealed)).toBeUndefined();
    expect(cipher.open(place(1), place(3), aad, sealed)).toBeUndefined();
    expect(cipher.open(place(2), place(3), text('other'), sealed)).toBeUndefined();
    expect(cipher.open(place(2), place(3), aad, sealed)).toEqual(Buffer.from(text('Tờ trình số 5')));
  });

  test('keeps on working over more places than it keeps keys of', async () => {
    await using fixture = await open();
    const { cipher } = fixture;
    const first = sha256(cipher.mac(place(0), aad));
    for (let fill = 0; fill < 200; fill++) cipher.mac(place(fill), aad);
    expect(sha256(cipher.mac(place(0), aad))).toBe(first);
  });
}

function itemKeys(open: OpenCipher): void {
  test('stands where the keys of an epoch stand', async () => {
    await using fixture = await open();
    const keys = keysOver(fixture.cipher);
    const plain = new Uint8Array(70_000).fill(5);
    const id = keys.idOf(plain);
    const sealed = keys.sealChunk(id, plain);
    expect(sha256(keys.openChunk(id, sealed) ?? aad)).toBe(sha256(plain));
    expect(sealed.length).toBeGreaterThan(plain.length + 16);
    expect(keys.openChunk(keys.idOf(aad), sealed)).toBeUndefined();
    expect(() => keys.sealChunk(id, aad)).toThrow('CHUNK_CHANGED');
    const record = keys.sealRecord(text('bản ghi'));
    expect(new TextDecoder().decode(keys.openRecord(record))).toBe('bản ghi');
    expect(keys.openRecord(record.subarray(0, 40))).toBeUndefined();
    expect(keys.openRecord(new Uint8Array(64))).toBeUndefined();
    expect(new Set(keys.gear).size).toBeGreaterThan(250);
  });

  test('gives each epoch, label class, space and origin keys of its own', async () => {
    await using fixture = await open();
    const { cipher } = fixture;
    const keys = keysOver(cipher);
    const record = keys.sealRecord(text('bản ghi'));
    const others: Partial<DeviceKeysParts>[] = [
      { epoch: 2 },
      { labelClass: 'INTERNAL+TOI_MAT' },
      { space: parseSpaceId('ff'.repeat(16)) },
      { origin: { ...keys.origin, node: parseNodeId('cd'.repeat(32)) } },
    ];
    for (const changes of others) {
      const other = keysOver(cipher, changes);
      expect(other.openRecord(record)).toBeUndefined();
      expect(other.idOf(aad)).not.toBe(keys.idOf(aad));
    }
  });
}

function removal(open: OpenCipher): void {
  test('says that the device is gone, and does nothing without it', async () => {
    await using fixture = await open();
    const { cipher } = fixture;
    cipher.probe();
    await fixture.takeAway();
    expect(codeOf(() => cipher.probe())).toBe('CIPHER_DEVICE_GONE');
    expect(codeOf(() => cipher.mac(place(99), aad))).toBe('CIPHER_DEVICE_GONE');
    expect(codeOf(() => cipher.seal(place(99), place(1), aad, aad))).toBe('CIPHER_DEVICE_GONE');
    expect(codeOf(() => cipher.open(place(99), place(1), aad, place(1)))).toBe('CIPHER_DEVICE_GONE');
  });
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return isCode(error, 'CIPHER_DEVICE_GONE') ? error.code : String(error);
  }
}
