/** Ways in which no agreement is in force. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agreement } from '#agent/core/agreement.ts';
import { type Refusal, refusalOf } from '#agent/core/standing.ts';
import { AgreementBook, isRefusal } from '#agent/seal/agreement-book.ts';
import { signNotice } from '#agent/seal/notice.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { SetClock } from '#test/trust/parties.ts';
import { spoilAgreement } from './standstills.ts';
import type { More, Way, World } from './stood-still.ts';

const refused = (refusal: Refusal | undefined): More => ({
  facts: { agreement: 'absent', ...(refusal ? { refusal } : {}), peers: [] },
});

/** What the book of a node says of an agreement after its directory was spoilt. */
async function bookAfter(
  { me, agreement }: World,
  spoil: (dir: string) => void | Promise<void>,
): Promise<More> {
  await using dir = await temporaryDir();
  const at = join(dir.path, 'agreements');
  const book = await AgreementBook.open(at, me, new SetClock());
  await book.accept(agreement);
  await spoil(dir.path);
  await book.reload();
  const found = book.inForce(agreement.space);
  return refused(isRefusal(found) ? found : undefined);
}

const over = ({ me, agreement }: World, changes: Partial<Agreement>): More =>
  refused(refusalOf({ ...agreement, ...changes }, undefined, me.node, Date.parse(agreement.notBefore) + 1));

async function noticed({ node, me, agreement }: World, notice: 'suspend' | 'end'): Promise<undefined> {
  const words = { notice, reason: 'kiểm tra', number: 1, now: node.clock.now() };
  await node.book.acceptNotice(signNotice(agreement, words, me));
}

function at({ node }: World, ms: number): undefined {
  node.clock.ms = ms;
}

const ended = '2000-01-01T00:00:00.000Z';
export const agreements: readonly Way[] = [
  {
    what: 'none was ever accepted',
    is: 'no-agreement AGREEMENT_ABSENT',
    come: async ({ me, agreement }) => {
      await using dir = await temporaryDir();
      const found = (await AgreementBook.open(dir.path, me, new SetClock())).inForce(agreement.space);
      return refused(isRefusal(found) ? found : undefined);
    },
  },
  {
    what: 'its file is damaged',
    is: 'no-agreement AGREEMENT_DAMAGED',
    come: (w) => bookAfter(w, (dir) => spoilAgreement(dir, w.agreement.space)),
  },
  {
    what: 'the file of its suite is damaged',
    is: 'no-agreement AGREEMENT_SUITE_DAMAGED',
    come: (w) =>
      bookAfter(w, (dir) => writeFileSync(join(dir, 'agreements', `${w.agreement.space}.suite`), '?')),
  },
  {
    what: 'its space has another suite',
    is: 'no-agreement AGREEMENT_SUITE_CHANGED',
    come: (w) =>
      bookAfter(w, (dir) =>
        writeFileSync(join(dir, 'agreements', `${w.agreement.space}.suite`), 'vn-civil\n'),
      ),
  },
  {
    what: 'it has not begun',
    is: 'no-agreement AGREEMENT_NOT_YET',
    come: (w) => at(w, Date.parse(w.agreement.notBefore) - 1),
  },
  {
    what: 'its term is over',
    is: 'no-agreement AGREEMENT_EXPIRED',
    come: (w) => at(w, Date.parse(w.agreement.notAfter) + 1),
  },
  {
    what: 'the clock of the machine is behind what is certainly over',
    is: 'no-agreement CLOCK_BEHIND',
    come: ({ node, agreement }) => {
      node.clock.ms = Date.parse(agreement.notAfter) + 1;
      return { clockBehind: 3_600_000 };
    },
  },
  {
    what: 'the owner suspends it',
    is: 'no-agreement AGREEMENT_SUSPENDED',
    come: (w) => noticed(w, 'suspend'),
  },
  { what: 'the owner ends it', is: 'no-agreement AGREEMENT_ENDED', come: (w) => noticed(w, 'end') },
  {
    what: 'the approval of the system is over',
    is: 'no-agreement READER_SYSTEM_EXPIRED',
    come: (w) => {
      const members = w.agreement.members.map((m) =>
        m.system ? { ...m, system: { ...m.system, validUntil: ended } } : m,
      );
      return over(w, { members });
    },
  },
  {
    what: 'the exception for its road is over',
    is: 'no-agreement ROUTE_EXCEPTION_EXPIRED',
    come: (w) =>
      over(w, {
        route: { kind: 'direct', exception: { decision: '1/QĐ', date: '1999-01-01', validUntil: ended } },
      } as never),
  },
];
