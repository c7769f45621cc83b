/**
 * What one member may put on the record by what it asks and brings: nobody must be able to fill the log, since sharing
 * stops for all when it is full. Each act has a record of its own while the member's budget in the space lasts. Beyond
 * that, acts of one kind about one feed share a record for the first and one with the sums a minute later.
 */
import type { Details } from '#agent/core/errors.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';

export interface Act {
  readonly type: string;
  readonly member: NodeId;
  readonly space: SpaceId | 'none';
  /** `<feed>#<from>-<to>`, or what else it is about. */
  readonly reference: string;
  readonly fields: Details;
  /** Every second one of a minute is summed up, whatever is left of the budget. */
  readonly often?: boolean;
}

interface Budget {
  left: number;
  filledAt: number;
}

interface Sum extends Act {
  readonly since: number;
  sums: Details;
  times: number;
}

const windowMs = 60_000;
/** Records of its own that a member gets at once, and for each minute that has passed. */
const burst = 60;
const perMinute = 2;
/** Sums that are open for one member in one space; what is about other feeds is summed together. */
const maxSums = 2;
const summed = ['records', 'bytes', 'chunks', 'items'] as const;
const others = 'several feeds';

export class MemberTally {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #budgets = new Map<string, Budget>();
  readonly #sums = new Map<string, Sum>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether the act gets a record of its own, now; else it is in the sums of the minute. */
  note(act: Act): boolean {
    const open = this.#sums.get(keyOf(act, feedOf(act)));
    if (act.often && open) return this.#add(open, act);
    if (this.#spend(act)) {
      if (act.often) this.#open(act, feedOf(act));
      return true;
    }
    if (open) return this.#add(open, act);
    const count = [...this.#sums.values()].filter((sum) => sameMember(sum, act)).length;
    const feed = count < maxSums ? feedOf(act) : others;
    const sum = this.#sums.get(keyOf(act, feed));
    if (sum) return this.#add(sum, act);
    this.#open(act, feed);
    return true;
  }

  /** The sums of the minutes that are over; of all, when `all`. */
  due(all = false): { readonly type: string; readonly fields: Details }[] {
    const now = this.#clock.monotonic();
    const over = [...this.#sums].filter(([, { since }]) => all || now - since >= windowMs);
    for (const [key] of over) this.#sums.delete(key);
    for (const [key, budget] of this.#budgets) if (this.#refill(budget) === burst) this.#budgets.delete(key);
    return over.flatMap(([, { type, sums, times }]) =>
      times > 0 ? [{ type, fields: { ...sums, times } }] : [],
    );
  }

  #open(act: Act, feed: string): void {
    this.#sums.set(keyOf(act, feed), { ...act, since: this.#clock.monotonic(), sums: {}, times: 0 });
  }

  #add(sum: Sum, { fields, reference }: Act): false {
    const more = summed.flatMap((name) => {
      const value = fields[name];
      return typeof value === 'number' ? [[name, Number(sum.sums[name] ?? 0) + value] as const] : [];
    });
    const before = sum.sums.reference;
    const joined = typeof before === 'string' ? joinedReference(before, reference) : reference;
    const named = 'reference' in fields ? { reference: joined } : {};
    sum.sums = {
      ...fields,
      asked: sum.sums.asked ?? fields.asked ?? '',
      ...Object.fromEntries(more),
      ...named,
    };
    sum.times += 1;
    return false;
  }

  #spend({ space, member }: Act): boolean {
    const key = `${space} ${member}`;
    const budget = this.#budgets.get(key) ?? { left: burst, filledAt: this.#clock.monotonic() };
    this.#budgets.set(key, budget);
    if (this.#refill(budget) < 1) return false;
    budget.left -= 1;
    return true;
  }

  #refill(budget: Budget): number {
    const minutes = Math.floor((this.#clock.monotonic() - budget.filledAt) / windowMs);
    budget.left = Math.min(burst, budget.left + minutes * perMinute);
    budget.filledAt += minutes * windowMs;
    return budget.left;
  }
}

const feedOf = ({ reference }: Act): string => reference.split('#')[0] ?? reference;
const keyOf = ({ type, space, member, fields }: Act, feed: string): string =>
  `${type} ${fields.form ?? ''} ${space} ${member} ${feed}`;
const sameMember = (a: Act, b: Act): boolean => a.space === b.space && a.member === b.member;

/** Both are stretches of one feed, or they are of several. */
function joinedReference(one: string, other: string): string {
  const form = /^(.*)#(\d+)-(\d+)$/;
  const [, feed, from, to] = form.exec(one) ?? [];
  const [, same, begin, end] = form.exec(other) ?? [];
  if (feed === undefined || feed !== same) return one === other ? one : others;
  return `${feed}#${Math.min(Number(from), Number(begin))}-${Math.max(Number(to), Number(end))}`;
}
