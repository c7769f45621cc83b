/** Nothing lost, everybody in step: the merge and the plan, run by several nodes against each other. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { originKey } from '#agent/core/ids.ts';
import type { ItemState } from '#agent/core/item.ts';
import { fileOf, gone } from './sample.ts';
import { Model, type ModelOptions } from './sync-model.ts';

const paths = ['a', 'b.txt'];

type Step =
  | { readonly do: 'edit'; readonly node: number; readonly path: string; readonly what: number }
  | { readonly do: 'scan'; readonly node: number }
  | { readonly do: 'apply'; readonly node: number }
  | { readonly do: 'rebirth' | 'image' | 'restore'; readonly node: number }
  | {
      readonly do: 'deliver' | 'repeat';
      readonly node: number;
      readonly feed: number;
      readonly count: number;
      readonly compact: boolean;
    };

const node = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      node,
      path: fc.constantFrom(...paths),
      what: fc.nat(9),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('scan' as const, 'apply' as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rebirth' as const), node }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('image' as const, 'restore' as const), node }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('deliver' as const, 'deliver' as const, 'repeat' as const),
      node,
      feed: fc.nat(5),
      count: fc.integer({ min: 1, max: 4 }),
      compact: fc.boolean(),
    }),
  },
);

/** Mostly contents that exist once, now and then one that others may write too, or the same with another time. */
function stateFor(what: number, serial: number, before: ItemState | undefined): ItemState {
  if (what < 2) return gone;
  if (what === 2) return { kind: 'dir', mode: 0o755 };
  if (what === 3) return { kind: 'link', target: `t${serial}`, mtimeNs: 0n };
  if (what === 4) return fileOf(7, BigInt(serial));
  if (what === 5) return fileOf(7);
  if (what === 6 && before?.kind === 'file') return { ...before, mtimeNs: BigInt(serial), mode: 0o600 };
  return fileOf(1000 + serial);
}

function take(model: Model, step: Step, serial: number): void {
  const at = model.node(step.node);
  switch (step.do) {
    case 'edit':
      model.edit(at, step.path, stateFor(step.what, serial, at.disk.get(step.path)));
      break;
    case 'rebirth':
      at.rebirth();
      break;
    case 'image':
      model.image(at);
      break;
    case 'restore':
      model.restore(at);
      break;
    case 'scan':
      model.scan(at);
      break;
    case 'apply':
      model.apply(at);
      break;
    default:
      exchange(model, step);
  }
}

function exchange(model: Model, step: Extract<Step, { feed: number }>): void {
  const at = model.node(step.node);
  const key = [...model.feeds.keys()][step.feed] ?? originKey(at.me);
  if (step.do === 'repeat') model.repeat(at, key);
  else model.deliver(at, key, step.count, step.compact);
}

function run(nodes: number, steps: readonly Step[], options: ModelOptions): Model {
  const model = new Model(nodes, options);
  steps.forEach((step, i) => {
    take(model, step, i);
  });
  model.settle();
  return model;
}

function expectInStep(model: Model): void {
  const [first, ...others] = model.nodes.map((n) => Object.fromEntries([...n.disk].sort()));
  for (const other of others) expect(other).toEqual(first);
}

function expectNothingLost(model: Model): void {
  const found = model.contents();
  const lost = [...model.written].filter((c) => !found.has(c) && !model.overwritten.has(c));
  expect(lost).toEqual([]);
}

const configurations: readonly ModelOptions[] = [
  { yields: true },
  { yields: false },
  { yields: true, mergesOwn: false },
  { yields: false, mergesOwn: false },
];

describe.each(configurations)('nodes that edit at once (%o)', (options) => {
  it.each([2, 3, 4])('%i of them end in step and lose nothing', (nodes) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const model = run(nodes, steps, options);
        expectInStep(model);
        expectNothingLost(model);
      }),
      { numRuns: 250 },
    );
  });
});
