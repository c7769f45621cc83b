/** A file that is read again under another epoch, and has not changed: its record names the chunks of the one before. */
import { describe, expect, it } from 'vitest';
import { asSealed, supersededOf } from '#agent/cycle/places.ts';
import type { LocalChange } from '#agent/cycle/publisher.ts';
import type { SpaceBatch } from '#agent/feed/space-batch.ts';
import { fileRow, origin } from '#test/feed/fixtures.ts';

const was = fileRow('one').local;
const other = fileRow('two').local;
const now = was && { ...was, epoch: 2, content: { levels: 0, refs: [] } };

function noted(note: LocalChange) {
  const cursors = new Map<string, number>();
  const batch = { setCursor: (name: string, value: number) => void cursors.set(name, value) };
  return { seen: asSealed(batch as unknown as SpaceBatch, note, was), cursors: Object.fromEntries(cursors) };
}

const note = (local: LocalChange['local'], dropPieces: boolean): LocalChange => ({
  path: 'f',
  ...(local ? { local } : {}),
  pieces: [],
  dropPieces,
  contentBytes: 0,
});

describe('a note of a file', () => {
  it('keeps the chunks and their places', () => {
    const { seen, cursors } = noted(note(now, true));
    expect(seen.local).toMatchObject({ epoch: 1, content: was?.content });
    expect([seen.dropPieces, seen.pieces, cursors]).toEqual([undefined, undefined, {}]);
  });

  it('whose places went before its end keeps the epoch at every peer', () => {
    const { seen, cursors } = noted(note(now, false));
    expect([seen.local?.epoch, cursors]).toEqual([2, { 'kept-epoch/1': 1 }]);
  });

  it('that has changed, or was read under the same epoch, is taken as it is', () => {
    for (const local of [
      other && { ...other, epoch: 2 },
      was && { ...was, facts: { ...was.facts } as never },
    ])
      expect(noted(note(local, true)).seen).toEqual(note(local, true));
  });
});

it('only chunks of this node are its own to take back', () => {
  const by = { seq: 9, urgent: true };
  expect(supersededOf(was, origin, by)).toEqual({ ...by, epoch: 1 });
  expect(supersededOf(was, { ...origin, incarnation: 'ff'.repeat(8) as never }, by)).toBeUndefined();
  expect(supersededOf(was && { ...was, content: undefined as never }, origin, by)).toBeUndefined();
});
