/** A folder store with labels, whose clock the test moves on. */
import { mkdir, writeFile } from 'node:fs/promises';
import { labelClass } from '#agent/core/label.ts';
import { LabelMemory } from '#agent/core/label-memory.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import { openFolder } from './folder-under-test.ts';

export const never = new AbortController().signal;
export const long = new Date('2001-01-01T00:00:00Z');
export const secret = 'secrecy: MAT, decidedBy: Ông A, decisionRef: 12/QĐ';

/** A clock whose time the test moves on. */
function movedClock() {
  const moved = { ms: 0 };
  const clock: Clock = { ...systemClock, monotonic: () => moved.ms };
  return { moved, clock };
}

export async function labelled(configured: readonly LabelRule[] = [], memory = LabelMemory.blank()) {
  const { moved, clock } = movedClock();
  const labels = new LabelRules(configured, memory);
  const folder = await openFolder({ labels, clock });
  const put = async (path: string, text = 'x') => {
    await mkdir(folder.at(path.slice(0, Math.max(path.lastIndexOf('/'), 0))), { recursive: true });
    await writeFile(folder.at(path), text);
  };
  const names = async (dir: string) => (await folder.store.list(dir, never)).entries.map(({ path }) => path);
  const classOf = (path: string) => {
    const { label } = labels.of(path, 'file');
    return label && labelClass(label);
  };
  return {
    folder,
    labels,
    moved,
    put,
    names,
    classOf,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

export const file = '.dongbo-labels.yaml';
