/** Trust that ends with time does not come back when the clock is set back: an open node, over a restart. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { AgentEvent } from '#agent/core/event.ts';
import { Node } from '#agent/cycle/node.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { createIdentity } from '#agent/seal/identity.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { draft, makeParty, startMs, tempDir } from '#test/trust/parties.ts';

const day = 86_400_000;

it('keeps an ended agreement ended when the clock goes back, until a person says that the clock is right', async () => {
  await using dir = await tempDir();
  const time = { wall: startMs, mono: 0 };
  const clock = { ...systemClock, now: () => time.wall, monotonic: () => time.mono };
  const events: AgentEvent[] = [];
  const keys = join(dir.path, 'keys');
  for (const made of [keys, join(dir.path, 'state')]) await mkdir(made, { recursive: true });
  const me = await createIdentity(keys, { agency: 'H29.1', name: 'A' }, { clock, random: systemRandom });
  const other = await makeParty('H29.2');
  const agreement = await signAgreement(
    draft([
      [me, 'publish'],
      [other, 'subscribe'],
    ]),
    me,
  );
  const open = () =>
    Node.open({
      ...{ state: join(dir.path, 'state'), keys, role: 'agent', peers: [], failed: () => undefined },
      ...{ clock, random: systemRandom, disk: nodeDisk, emit: (event) => void events.push(event) },
      audit: { maxBytes: 1e8, retentionMonths: 12 },
    });
  const pass = async (node: Node, ms: number): Promise<void> => {
    time.wall += ms;
    time.mono += ms;
    await node.refresh();
  };
  const standing = (node: Node) => {
    const found = node.book.inForce(agreement.space);
    return 'code' in found ? found.code : 'in force';
  };
  {
    await using node = await open();
    await node.book.accept(agreement);
    await node.refresh();
    expect(standing(node)).toBe('in force');
    await pass(node, 31 * day);
    expect(standing(node)).toBe('AGREEMENT_EXPIRED');
    time.wall = startMs;
    await node.refresh();
    expect(standing(node)).toBe('AGREEMENT_EXPIRED');
    expect(events).toContainEqual(expect.objectContaining({ type: 'error', code: 'CLOCK_BEHIND' }));
  }
  await using again = await open();
  expect(standing(again)).toBe('AGREEMENT_EXPIRED');
  await again.lived.believe();
  expect(standing(again)).toBe('in force');
});
