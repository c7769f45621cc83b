/** When the device is opened, how often, and when never again. */
import { expect, it } from 'vitest';
import { DongboError, isCode } from '#agent/core/errors.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import { CipherSlot } from '#agent/seal/cipher-slot.ts';
import { sampleKey, sampleLabel } from '#test/contract/state-cipher.ts';
import { MemoryCipher } from './memory-cipher.ts';

const never = new AbortController().signal;
const product = { name: 'M', approval: '1', highest: 'MAT', validUntil: Number.MAX_SAFE_INTEGER } as const;

class Desk {
  now = 0;
  opened = 0;
  changes = 0;
  readonly events: AgentEvent[] = [];
  /** What opening ends with; the device when undefined. */
  fails: DongboError | undefined;
  readonly slot = new CipherSlot({
    product,
    clock: { monotonic: () => this.now },
    emit: (event) => void this.events.push(event),
    open: async () => {
      this.opened += 1;
      if (this.fails) throw this.fails;
      return new MemoryCipher(sampleLabel, sampleKey);
    },
  });

  constructor() {
    this.slot.onChange(() => {
      this.changes += 1;
    });
  }

  async runFor(ms: number): Promise<void> {
    for (const end = this.now + ms; this.now < end; this.now += 1_000) await this.slot.tick(never);
  }

  codes = () => this.events.map((e) => ('code' in e ? e.code : e.type));
}

it('tries a PIN that was refused once, and never again', async () => {
  const desk = new Desk();
  desk.fails = new DongboError('CIPHER_PIN_WRONG', { token: 't' }, { retry: 'never' });
  await desk.runFor(24 * 3_600_000);
  expect([desk.opened, desk.slot.fault?.code]).toEqual([1, 'CIPHER_PIN_WRONG']);
  expect(desk.codes()).toEqual(['CIPHER_PIN_WRONG']);
});

it('looks for an absent device ever less often, once a minute at last, and says so once', async () => {
  const desk = new Desk();
  desk.fails = new DongboError('CIPHER_TOKEN_ABSENT', { token: 't', found: 0 }, { retry: 'later' });
  await desk.runFor(3_600_000);
  expect(desk.opened).toBeGreaterThan(55);
  expect(desk.opened).toBeLessThan(70);
  expect(desk.codes()).toEqual(['CIPHER_TOKEN_ABSENT']);
  desk.fails = undefined;
  await desk.runFor(61_000);
  expect([desk.slot.fault, desk.changes]).toEqual([undefined, 1]);
  expect(desk.codes()).toEqual(['CIPHER_TOKEN_ABSENT', 'CIPHER_READY']);
});

it('notices at a call, or at the next look, that the device went away, and opens it again', async () => {
  const desk = new Desk();
  await desk.slot.tick(never);
  const { key } = desk.slot;
  const gone = () =>
    desk.slot.use(key, () => {
      throw new DongboError('CIPHER_DEVICE_GONE', { reason: 'CKR_DEVICE_REMOVED' }, { retry: 'later' });
    });
  expect(gone).toThrow('CIPHER_DEVICE_GONE');
  expect([desk.slot.fault?.code, desk.slot.holds(key)]).toEqual(['CIPHER_DEVICE_GONE', false]);
  expect(() => desk.slot.use(key, () => 1)).toThrow('CIPHER_DEVICE_GONE');
  await desk.runFor(10_000);
  expect(desk.slot.use(key, (device) => device.key)).toEqual(key);
  desk.slot.use(key, (device) => (device as MemoryCipher).takeAway());
  await desk.slot.tick(never);
  expect(desk.slot.fault?.code).toBe('CIPHER_DEVICE_GONE');
  expect(desk.changes).toBe(4);
});

it('hands the device to nobody who means another key', async () => {
  const desk = new Desk();
  await desk.slot.tick(never);
  const { key } = desk.slot;
  for (const other of [
    { ...key, label: 'khac' },
    { ...key, check: '00'.repeat(16) },
  ]) {
    expect(desk.slot.holds(other)).toBe(false);
    try {
      desk.slot.use(other, () => 1);
      expect.fail('handed out');
    } catch (error) {
      expect(isCode(error, 'CIPHER_KEY_OTHER')).toBe(true);
    }
  }
});
