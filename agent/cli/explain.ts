/**
 * `dongbo explain`: under which label an item stands and what gave it that, and for each member whether it gets the item
 * or why not. It does not open the item; decisions and the past it asks of the running agent, or reads from its state.
 */
import type { Agreement, Member } from '#agent/core/agreement.ts';
import { questionOf } from '#agent/core/agreement-policy.ts';
import { DongboError } from '#agent/core/errors.ts';
import { labelClass } from '#agent/core/label.ts';
import { type Decision, decide, requirementOf } from '#agent/core/policy.ts';
import { isRefusal } from '#agent/seal/agreement-book.ts';
import { loadConfigFile } from './config.ts';
import { wordsFor } from './init-io.ts';
import { labelChain } from './label-chain.ts';
import { showChain, tell } from './label-chain-text.ts';
import { partsOfPath } from './label-parts.ts';
import type { ProgramIo } from './program-io.ts';

export interface ExplainOptions {
  readonly config: string;
  /** Only this agency or node; every member when absent. */
  readonly member?: string;
}

const words = {
  en: {
    space: 'Space',
    gets: 'gets it, under the key of the epoch',
    getsSecret: 'gets it, under the state cipher',
    withheld: 'withheld',
  },
  vi: {
    space: 'Không gian',
    gets: 'được nhận, dưới khoá của kỳ khoá',
    getsSecret: 'được nhận, dưới mật mã nhà nước',
    withheld: 'không được nhận',
  },
};

/** `path` is absolute, or within the folder of the only space. Throws CONFIG_…, EXPLAIN_NO_SPACE, EXPLAIN_NO_MEMBER. */
export async function runExplain(path: string, options: ExplainOptions, io: ProgramIo): Promise<void> {
  const { config } = await loadConfigFile(options.config);
  const parts = await partsOfPath(config, path, io);
  const { space, inside, identity, book, agreement } = parts;
  const standing = book.inForce(space.space);
  const say = wordsFor(io, words);
  const chain = await labelChain(parts, inside, io);
  const { label } = chain;
  io.out(`${say.space}: ${agreement.name} (${space.space})`);
  showChain(chain, agreement, space.labels.length > 0, io);
  if (isRefusal(standing)) tell(io, standing.code, standing.details);
  for (const member of membersOf(agreement, options.member)) {
    if (member.card.node === identity.node || member.roles.includes('relay')) continue;
    const flow = { publisher: identity.node, reader: member, label, now: book.now() };
    const decision = decide(questionOf(agreement, flow));
    io.out(`${member.card.agency} ${member.card.name}: ${outcome(decision, say)}`);
    if (!decision.send) tell(io, decision.reason, { label: label ? labelClass(label) : '' });
  }
}

function membersOf({ members }: Agreement, wanted: string | undefined): readonly Member[] {
  if (wanted === undefined) return members;
  const found = members.filter(({ card }) => card.node === wanted || card.agency === wanted);
  if (found.length === 0) throw new DongboError('EXPLAIN_NO_MEMBER', { member: wanted });
  return found;
}

function outcome(decision: Decision, say: (typeof words)['en']): string {
  if (!decision.send) return `${say.withheld} (${decision.reason}, ${requirementOf(decision.reason)})`;
  return decision.under === 'epoch-key' ? say.gets : say.getsSecret;
}
