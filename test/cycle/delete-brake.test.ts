import { describe, expect, it } from 'vitest';
import { DeleteBrake } from '#agent/cycle/delete-brake.ts';

function braked() {
  let ms = 0;
  const clock = { now: () => ms, monotonic: () => ms, sleep: async () => undefined };
  return { brake: new DeleteBrake(clock), pass: (by: number) => (ms += by) };
}

describe('the brake on deletes', () => {
  it('halts on more than half and more than 20 at once', () => {
    const { brake } = braked();
    expect(brake.check({ known: 40, deletes: 21, gone: 21 })?.code).toBe('MASS_DELETE_LOCAL');
    expect(brake.check({ known: 43, deletes: 21, gone: 21 })).toBeUndefined();
    expect(brake.check({ known: 30, deletes: 20, gone: 20 })).toBeUndefined();
  });

  it('adds up looks that come one after the other', () => {
    const { brake, pass } = braked();
    let known = 100;
    const halts: (string | undefined)[] = [];
    for (let i = 0; i < 6; i += 1) {
      const halt = brake.check({ known, deletes: 10, gone: 10 });
      halts.push(halt?.code);
      if (halt) break;
      brake.note(10, false);
      known -= 10;
      pass(1_000);
    }
    expect(halts).toEqual([...Array(5).fill(undefined), 'MASS_DELETE_LOCAL']);
  });

  it('forgets what was long ago, and what a person released', () => {
    const { brake, pass } = braked();
    brake.note(50, false);
    pass(11 * 60_000);
    expect(brake.check({ known: 50, deletes: 10, gone: 10 })).toBeUndefined();
    brake.note(50, false);
    brake.note(0, true);
    expect(brake.check({ known: 50, deletes: 10, gone: 10 })).toBeUndefined();
  });

  it('does not believe a folder that has emptied itself, however small', () => {
    const { brake } = braked();
    expect(brake.check({ known: 8, deletes: 8, gone: 8 })?.code).toBe('STORE_SUDDENLY_EMPTY');
    expect(brake.check({ known: 8, deletes: 7, gone: 7 })).toBeUndefined();
    expect(brake.check({ known: 1, deletes: 1, gone: 1 })).toBeUndefined();
    expect(brake.check({ known: 0, deletes: 0, gone: 0 })).toBeUndefined();
  });

  it('lets everything be renamed', () => {
    const { brake } = braked();
    // The new names are items already when the brake looks.
    expect(brake.check({ known: 200, deletes: 0, gone: 100 })).toBeUndefined();
  });
});
