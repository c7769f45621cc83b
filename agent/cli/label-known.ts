/** What the node remembers of the label of an item: asked of the running agent, else read from its state. */
import { join } from 'node:path';
import type { Agreement } from '#agent/core/agreement.ts';
import { DongboError, isCode } from '#agent/core/errors.ts';
import type { Origin } from '#agent/core/ids.ts';
import { openLabelMemory } from '#agent/cycle/label-desk.ts';
import { type LabelFacts, labelFacts } from '#agent/cycle/label-facts.ts';
import { LabelGate } from '#agent/cycle/label-gate.ts';
import { State } from '#agent/feed/state.ts';
import type { AgreementBook } from '#agent/seal/agreement-book.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { callControl } from '#agent/status/control-client.ts';
import type { ControlFacts } from '#agent/status/control-labels.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import type { FoundKind } from '#agent/store/store.ts';
import { lockState } from '#agent/sys/lock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import type { Config, SpaceConfig } from './config-schema.ts';
import type { ProgramIo } from './program-io.ts';
import { controlSocket } from './status.ts';

export interface KnownParts {
  readonly config: Config;
  readonly space: SpaceConfig;
  readonly identity: Identity;
  readonly book: AgreementBook;
  readonly agreement: Agreement;
}

/** As `LabelFacts`. `unknown`: why they could not be had. */
export type Known = { readonly facts: ControlFacts | LabelFacts } | { readonly unknown: string };

export async function knownOf(
  parts: KnownParts,
  path: string,
  kind: FoundKind,
  io: ProgramIo,
): Promise<Known> {
  const { config, space } = parts;
  try {
    const command = { do: 'label-show', space: space.space, path, kind } as const;
    const answer = await callControl(controlSocket(config), command, io.signal);
    if ('facts' in answer) return { facts: answer.facts };
    return { unknown: 'CONTROL_MALFORMED' };
  } catch (error) {
    if (isCode(error, 'CONTROL_UNREACHABLE')) return offline(parts, path, kind, io);
    if (error instanceof DongboError) return { unknown: error.code };
    throw error;
  }
}

/** An agent that never ran remembers nothing. */
async function offline(parts: KnownParts, path: string, kind: FoundKind, io: ProgramIo): Promise<Known> {
  const { config } = parts;
  const ran = await nodeDisk.lstat(join(config.state, 'db')).catch(() => undefined);
  if (!ran) return { facts: { rules: [], published: [], labelClass: '' } };
  try {
    return { facts: await fromState(parts, path, kind, io) };
  } catch (error) {
    if (error instanceof DongboError) return { unknown: error.code };
    throw error;
  }
}

async function fromState(
  { config, space, identity, book, agreement }: KnownParts,
  path: string,
  kind: FoundKind,
  { clock, random }: ProgramIo,
): Promise<LabelFacts> {
  await using _lock = await lockState(config.state);
  await using state = await State.open(config.state, { node: identity.node, clock });
  const rules = new LabelRules(space.labels, await openLabelMemory(state, space.space, random));
  const suiteOf = book.suiteOf.bind(book);
  const keyring = new Keyring({ identity, store: state.secrets, random, clock, suiteOf });
  const classOf = async (author: Origin, epoch: number) =>
    (await keyring.keysFor(space.space, author, epoch))?.labelClass;
  const rowOf = (at: string) => state.space(space.space).row(at);
  const isOwn = ({ node }: Origin) => node === identity.node;
  // Only `isRaised` asks for it, which is no question here.
  const ownClassOf = async () => undefined;
  const gate = new LabelGate({ rules, agreement: () => agreement, classOf, rowOf, isOwn, ownClassOf });
  return labelFacts({ rules, gate, rowOf }, path, kind);
}
