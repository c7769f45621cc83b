/** One node's space over a real state and a real agreement, without files and links. */
import { join } from 'node:path';
import type { Agreement, Role } from '#agent/core/agreement.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import { type FactsParts, factsOf } from '#agent/cycle/facts.ts';
import { NodeSpace } from '#agent/cycle/node-space.ts';
import { PeerBook } from '#agent/cycle/peer-book.ts';
import { ProblemCodes } from '#agent/cycle/problem-codes.ts';
import { EventHub } from '#agent/exchange/event-hub.ts';
import { State } from '#agent/feed/state.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { spaceState } from '#agent/status/space-state.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { type TemporaryDir, temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParties, SetClock } from '#test/trust/parties.ts';

export type Members = readonly (readonly [agency: string, ...roles: Role[]])[];

const agreed = new Map<string, ReturnType<typeof makeAgreement>>();

/** The first owns the agreement. The same members are the same nodes within one test file. */
export function agree(...members: Members): ReturnType<typeof makeAgreement> {
  const key = JSON.stringify(members);
  const known = agreed.get(key) ?? makeAgreement(members);
  agreed.set(key, known);
  return known;
}

async function makeAgreement(members: Members) {
  const parties = await makeParties(...members.map(([agency]) => agency));
  const [owner, ...others] = members.map(([, ...roles], i) => [parties[i] as Identity, ...roles] as const);
  if (!owner) throw new Error('no members');
  const agreement = await signAgreement(draft([owner, ...others]), owner[0]);
  return { parties: parties as readonly [Identity, ...Identity[]], agreement };
}

export class TestNode implements AsyncDisposable {
  readonly own: NodeSpace;
  readonly me: Identity;
  readonly book: AgreementBook;
  readonly peers: PeerBook;
  readonly clock: SetClock;
  readonly events: AgentEvent[];
  readonly emit = (event: AgentEvent): void => void this.events.push(event);
  readonly #state: State;
  readonly #dir: TemporaryDir;

  private constructor(
    parts: Pick<TestNode, 'own' | 'me' | 'book' | 'peers' | 'clock' | 'events'>,
    state: State,
    dir: TemporaryDir,
  ) {
    this.own = parts.own;
    this.me = parts.me;
    this.book = parts.book;
    this.peers = parts.peers;
    this.clock = parts.clock;
    this.events = parts.events;
    this.#state = state;
    this.#dir = dir;
  }

  static async open(me: Identity, agreement: Agreement): Promise<TestNode> {
    const dir = await temporaryDir();
    const clock = new SetClock();
    const events: AgentEvent[] = [];
    const state = await State.open(dir.path, { node: me.node, clock });
    const book = await AgreementBook.open(join(dir.path, 'agreements'), me, clock);
    await book.accept(agreement);
    const emit = (event: AgentEvent) => void events.push(event);
    const common = { identity: me, state, book, hub: new EventHub(), clock, random: systemRandom, emit };
    const own = await NodeSpace.open(agreement.space, common);
    return new TestNode({ own, me, book, peers: new PeerBook(clock), clock, events }, state, dir);
  }

  async facts(more: Partial<FactsParts> = {}) {
    const { own, me, peers, clock } = this;
    const codes = new ProblemCodes(clock);
    const parts = {
      own,
      me: me.node,
      role: 'agent',
      peers,
      now: clock.now,
      codes,
      urlOf: () => undefined,
    } as const;
    return factsOf({ ...parts, lastScan: clock.now(), ...more });
  }

  /** State and reason, as the status would show them at once. */
  async standing(more: Partial<FactsParts> = {}): Promise<string> {
    const { state, reason = '' } = spaceState(await this.facts(more), 0);
    return `${state} ${reason}`.trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#state[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}
