/** Under which label an item is published: never below what it was published under before. */
import { describe, expect, it } from 'vitest';
import type { Row } from '#agent/core/item.ts';
import type { Label } from '#agent/core/label.ts';
import { type LabelRule, labelFrom } from '#agent/core/label-rules.ts';
import { LabelGate } from '#agent/cycle/label-gate.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import { agree } from './node.ts';

const ceiling = { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'SENSITIVE' } as const;

async function gateOf(
  rules: readonly LabelRule[] | LabelRules,
  classes: readonly string[] = [],
  rows: Readonly<Record<string, Row>> = {},
  highest: Label = ceiling,
) {
  const { agreement } = await agree(['H29.12', 'publish', 'subscribe'], ['H29.13', 'subscribe']);
  return new LabelGate({
    ownClassOf: async () => undefined,
    rules: rules instanceof LabelRules ? rules : new LabelRules(rules),
    agreement: () => ({ ...agreement, label: highest }),
    classOf: async (_author, epoch) => classes[epoch - 1],
    rowOf: async (path) => rows[path],
    isOwn: () => true,
  });
}

const origin = { node: '0a'.repeat(32), incarnation: '01'.repeat(8) } as never;
const dir = { kind: 'dir', mode: 0o755 } as const;
/** An item that was published under epoch 1. */
const published: Row = {
  local: { state: dir },
  remote: { state: dir, version: [], seen: [], author: origin, epoch: 1, seq: 1 },
};

const low = [{ path: '**', sensitivity: 'PUBLIC' }] as const;

describe('the label gate', () => {
  it('gives the label of the space where there are no rules', async () => {
    const gate = await gateOf([]);
    expect(await gate.of('a', 'file', undefined)).toEqual({ labelClass: 'RESTRICTED+PD:SENSITIVE' });
    expect(await gate.isRaised('a', 'dir', published)).toBe(false);
  });

  it('raises the label of the space by what is decided of an item in other parts', async () => {
    const labels = new LabelRules([]);
    labels.memory.decisions.record(
      { path: 'a', personalData: 'BASIC', decidedBy: 'B', decisionRef: '1' },
      { at: 1, after: {} },
    );
    const gate = await gateOf(labels, [], {}, { ...ceiling, personalData: 'NONE' });
    expect(await gate.of('a', 'file', undefined)).toEqual({
      refusal: 'LABEL_ABOVE_AGREEMENT',
      label: 'RESTRICTED+PD:BASIC',
    });
    expect(await gate.of('b', 'file', undefined)).toEqual({ labelClass: 'RESTRICTED' });
  });

  it('refuses what no rule names, and what is above the agreement', async () => {
    const gate = await gateOf([
      { path: 'a', sensitivity: 'INTERNAL' },
      { path: 'b', sensitivity: 'CONFIDENTIAL' },
    ]);
    expect(await gate.of('a', 'file', undefined)).toEqual({ labelClass: 'INTERNAL' });
    expect(await gate.of('b', 'file', undefined)).toMatchObject({ refusal: 'LABEL_ABOVE_AGREEMENT' });
    expect(await gate.of('c', 'file', undefined)).toMatchObject({ refusal: 'LABEL_MISSING' });
  });

  it('never lowers a label by a rule, whoever gave it', async () => {
    const gate = await gateOf(low, ['RESTRICTED']);
    expect(await gate.of('a', 'dir', published)).toEqual({ labelClass: 'RESTRICTED' });
    expect(await gate.isRaised('a', 'dir', published)).toBe(false);
    expect(await gate.ofRecord(published)).toBe('RESTRICTED');
  });

  it('tells a raised label', async () => {
    const gate = await gateOf([{ path: 'a', sensitivity: 'RESTRICTED' }, ...low], ['INTERNAL']);
    expect(await gate.isRaised('a', 'dir', published)).toBe(true);
    expect(await gate.isRaised('b', 'dir', published)).toBe(false);
  });

  it('holds a conflict copy to the rules of the item it was made beside', async () => {
    const gate = await gateOf([{ path: '/lương.xlsx', sensitivity: 'RESTRICTED' }, ...low]);
    const copy = 'lương (xung đột H29.13 2026-11-24 08-00-00 2).xlsx';
    expect(await gate.of(copy, 'file', undefined)).toEqual({ labelClass: 'RESTRICTED' });
    expect(await gate.of('lương (bản 2).xlsx', 'file', undefined)).toEqual({ labelClass: 'PUBLIC' });
  });

  it('holds a conflict copy to what its item was published under, by whomever, the loser too', async () => {
    const { remote } = published;
    if (!remote) throw new Error('no record');
    const rival = { ...published, remote: { ...remote, rivals: [{ ...remote, epoch: 2 }] } };
    const copy = 'x (xung đột H29.13 2026-11-24 08-00-00).txt';
    for (const [row, classes] of [
      [published, ['RESTRICTED']],
      [rival, ['PUBLIC', 'RESTRICTED']],
    ] as const) {
      const gate = await gateOf(low, classes, { 'x.txt': row });
      expect(await gate.of(copy, 'file', undefined)).toEqual({ labelClass: 'RESTRICTED' });
    }
  });

  it('lets nothing be served below the class it was published under, nor what is being withdrawn', async () => {
    const gate = await gateOf([], ['RESTRICTED']);
    expect(await gate.serves('a', published, 'RESTRICTED')).toBe(true);
    expect(await gate.serves('a', published, 'PUBLIC')).toBe(false);
    const withdrawn = [{ author: origin, seq: 2, contents: [] }];
    expect(await gate.serves('a', { ...published, withdrawn }, 'RESTRICTED')).toBe(false);
    expect(await gate.serves('a', {}, 'RESTRICTED')).toBe(false);
  });

  it('takes the highest of several rules, in every part', () => {
    const rules: LabelRule[] = [
      { path: 'x', sensitivity: 'RESTRICTED' },
      { path: 'x', sensitivity: 'INTERNAL', personalData: 'BASIC' },
    ];
    expect(labelFrom(rules)).toEqual({ sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'BASIC' });
    expect(labelFrom([{ path: 'x', personalData: 'BASIC' }])).toBeUndefined();
  });
});
