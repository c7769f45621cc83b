/** Rate and time left, from one snapshot to the next. */
import { describe, expect, it } from 'vitest';
import { ProgressTracker } from '#agent/cli/status-progress.ts';
import { bytesText, durationText } from '#agent/cli/units.ts';
import type { SpaceFacts } from '#agent/status/facts.ts';
import { facts, peer, recording } from '#test/status/sample-facts.ts';

function tracked() {
  let given = facts();
  const { recorder, clock } = recording(() => [given]);
  const tracker = new ProgressTracker();
  const observe = async (changes: Partial<SpaceFacts>, seconds = 1) => {
    given = facts(changes);
    clock.ms += seconds * 1000;
    const [own, theirs] = tracker.observe(await recorder.snapshot(), clock.ms);
    return { own, theirs };
  };
  return { observe, recorder };
}

describe('the space itself', () => {
  it('goes from the first sight of work to none', async () => {
    const { observe } = tracked();
    const at = async (pending: number) => (await observe({ pending })).own;
    expect(await at(100)).toMatchObject({ done: 0, total: 100, unit: 'items', rate: 0 });
    expect(await at(60)).toMatchObject({ done: 40, total: 100 });
    expect(await at(0)).toMatchObject({ done: 100, total: 100 });
    expect(await at(0)).not.toHaveProperty('eta');
  });

  it('grows when more arrives, and never takes back what is done', async () => {
    const { observe } = tracked();
    const at = async (pending: number) => (await observe({ pending })).own;
    await at(100);
    expect(await at(50)).toMatchObject({ done: 50, total: 100 });
    expect(await at(80)).toMatchObject({ done: 50, total: 130 });
  });

  it('begins anew after it was done', async () => {
    const { observe } = tracked();
    for (const pending of [100, 0]) await observe({ pending });
    expect((await observe({ pending: 7 })).own).toMatchObject({ done: 0, total: 7 });
  });

  it('tells a steady rate and the time left', async () => {
    const { observe } = tracked();
    let last: Awaited<ReturnType<typeof observe>> | undefined;
    for (let left = 1000; left >= 500; left -= 10) last = await observe({ pending: left });
    expect(last?.own?.rate).toBeCloseTo(10, 1);
    expect(last?.own?.eta).toBeCloseTo(50, 0);
  });

  it('tells no time left when nothing moves', async () => {
    const { observe } = tracked();
    for (let i = 0; i < 3; i++) expect((await observe({ pending: 5 })).own).not.toHaveProperty('eta');
  });
});

describe('a peer', () => {
  it('counts what it has yet to confirm; a relay what it has yet to get', async () => {
    const { observe } = tracked();
    const at = async (changes: Parameters<typeof peer>[0]) =>
      (await observe({ peers: [peer({ ownSeq: 100, ...changes })] })).theirs;
    expect(await at({ receiptSeq: 40, sentSeq: 90 })).toMatchObject({ done: 0, total: 60, unit: 'changes' });
    expect(await at({ receiptSeq: 80, sentSeq: 90 })).toMatchObject({ done: 40, total: 60 });
    expect(await at({ takes: false, receiptSeq: 0, sentSeq: 0 })).toMatchObject({ done: 60, total: 60 });
    const relay = tracked();
    const { theirs } = await relay.observe({
      peers: [peer({ ownSeq: 100, sentSeq: 90, receiptSeq: 0, reads: false })],
    });
    expect(theirs).toMatchObject({ total: 10 });
  });

  it('has the speed of the wire', async () => {
    const { observe, recorder } = tracked();
    let wireRate = 0;
    for (let i = 0; i < 60; i++) {
      recorder.emit({ type: 'wire', peer: peer().node, direction: 'out', bytes: 1000 });
      wireRate = (await observe({})).theirs?.wireRate ?? 0;
    }
    expect(wireRate).toBeCloseTo(1000, -1);
  });
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1234, '1.2 kB'],
  [99_949, '99.9 kB'],
  [123_456, '123 kB'],
  [999_600, '1 MB'],
  [5e15, '5 PB'],
  [5e18, '5,000 PB'],
])('bytesText(%d) is %s', (bytes, text) => {
  expect(bytesText(bytes, 'en')).toBe(text);
});

it('Vietnamese writes a comma', () => {
  expect(bytesText(1234, 'vi')).toBe('1,2 kB');
});

it.each([
  [0.2, '0:01'],
  [59, '0:59'],
  [61, '1:01'],
  [3723, '1:02:03'],
])('durationText(%d) is %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
