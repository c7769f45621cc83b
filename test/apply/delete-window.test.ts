import { describe, expect, it } from 'vitest';
import { DeleteWindow } from '#agent/apply/delete-window.ts';

describe('the window over which a reader counts deletes', () => {
  it('adds up, forgets what is long ago, and starts anew on a word', () => {
    let ms = 0;
    const window = new DeleteWindow({ now: () => ms, monotonic: () => ms, sleep: async () => undefined });
    window.note(12);
    ms += 60_000;
    window.note(9);
    expect(window.recent()).toBe(21);
    ms += 9.5 * 60_000;
    expect(window.recent()).toBe(9);
    window.clear();
    expect(window.recent()).toBe(0);
  });
});
