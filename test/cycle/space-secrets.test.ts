/** What is told of state secrets names none of them. */
import { expect, it } from 'vitest';
import type { AgentEvent } from '#agent/core/event.ts';
import type { SecretGate } from '#agent/cycle/secret-gate.ts';
import { SpaceSecrets } from '#agent/cycle/space-secrets.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import { spaceNamed } from '#test/exchange/sample-feed.ts';

it('no event names one, and all others are told as they are', () => {
  const space = spaceNamed('secrets');
  const labels = new LabelRules([{ path: '/mật/', secrecy: 'MAT' }]);
  const told: AgentEvent[] = [];
  const emit = new SpaceSecrets({ space, labels, gate: {} as SecretGate }).concealing((e) => told.push(e));
  const path = 'mật/danh sách.docx';
  const problem = { code: 'WRITE_DENIED', path, details: { name: path } };
  const copy = `${path} (conflict)`;
  const plain: AgentEvent = { type: 'problem', space, problem: { ...problem, path: 'thường/a.txt' } };
  emit({ type: 'problem', space, problem });
  emit({ type: 'problem.cleared', space, path });
  emit({ type: 'conflict', space, path, copy });
  emit(plain);
  expect(JSON.stringify(told.slice(0, 3))).not.toMatch(/mật|danh sách/);
  expect(told.map(({ type }) => type)).toEqual(['problem', 'problem.cleared', 'conflict', 'problem']);
  expect(told[3]).toEqual(plain);
});
