/** `dongbo keys` in the running agent: lists, rotates, and tells what a member was able to read; page by page. */
import { DongboError } from '#agent/core/errors.ts';
import { type NodeId, originKey, parseOriginKey, type SpaceId } from '#agent/core/ids.ts';
import type { AgreementBook } from '#agent/seal/agreement-book.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type {
  EpochLine,
  EpochsReply,
  ExposedLine,
  ExposedReply,
  KeyCommands,
  KeysExposed,
  KeysList,
  KeysRotate,
  Party,
  RotatedReply,
} from '#agent/status/control-keys.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { EpochKeeper } from './epoch-keeper.ts';
import { type ExposedPlace, exposedLines } from './keys-exposed.ts';
import { epochLines } from './keys-list.ts';
import type { NodeSpace } from './node-space.ts';

export interface KeyDeskParts {
  readonly book: Pick<AgreementBook, 'everMembers'>;
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** Throws SPACE_UNKNOWN. */
  readonly space: (id: SpaceId) => { readonly own: NodeSpace; readonly epochs: EpochKeeper };
  readonly decided: (type: string, fields: Record<string, string>) => Promise<void>;
}

const epochsInPage = 500;
const itemsInPage = 2000;
/** A look at a large folder may take longer; the rotation then comes after it. */
const rotateWaitMs = 10_000;

export class KeyDesk implements KeyCommands {
  readonly #parts: KeyDeskParts;

  constructor(parts: KeyDeskParts) {
    this.#parts = parts;
  }

  async list({ space, after }: KeysList): Promise<EpochsReply> {
    const { own } = this.#parts.space(space);
    const { keyring } = this.#parts;
    const epochs: EpochLine[] = [];
    const party = partyOf(await this.#parties(space));
    for await (const line of epochLines({ own, keyring, party })) {
      if (after !== undefined && placeOf(line) <= after) continue;
      if (epochs.length === epochsInPage) return { ok: true, epochs, next: placeOf(epochs.at(-1) ?? line) };
      epochs.push(line);
    }
    return { ok: true, epochs };
  }

  /** Throws KEYS_NO_CLASS, KEYS_ROTATE_WAITS, KEYS_BUSY, AUDIT_…, and why nothing may flow. */
  async rotate({ space, by, labelClass, reason }: KeysRotate): Promise<RotatedReply> {
    const { own, epochs } = this.#parts.space(space);
    const classes = await this.#parts.keyring.classes(space, own.origin);
    if (labelClass !== undefined && !classes.includes(labelClass))
      throw new DongboError('KEYS_NO_CLASS', {
        space,
        label: labelClass,
        classes: classes.join(', ') || '–',
      });
    const cause = { why: 'by-hand', by, ...(reason === undefined ? {} : { reason }) } as const;
    const done = epochs.rotate({ cause, ...(labelClass === undefined ? {} : { labelClass }) });
    const rotated = await this.#soon(done, space);
    return { ok: true, rotated: [...rotated] };
  }

  async #soon<T>(done: Promise<T>, space: SpaceId): Promise<T> {
    const stop = new AbortController();
    const late = async (): Promise<never> => {
      await this.#parts.clock.sleep(rotateWaitMs, stop.signal);
      throw new DongboError('KEYS_ROTATE_WAITS', { space });
    };
    try {
      return await Promise.race([done, late()]);
    } finally {
      stop.abort();
      // It may fail yet, after its asker was told that it waits.
      done.catch(() => undefined);
    }
  }

  /** Who asked goes on the record, once for all pages. Throws KEYS_MEMBER_UNKNOWN, AUDIT_…. */
  async exposed({ space, by, member, after }: KeysExposed): Promise<ExposedReply> {
    const { own } = this.#parts.space(space);
    const { keyring, decided } = this.#parts;
    const parties = await this.#parties(space);
    const nodes = [...parties.values()].filter((p) => p.node === member || p.agency === member);
    if (nodes.length === 0) throw new DongboError('KEYS_MEMBER_UNKNOWN', { space, member });
    if (after === undefined) await decided('keys.exposed', { space, member, by });
    const parts = { space, state: own.state, keyring, party: partyOf(parties) };
    const members = nodes.map(({ node }) => node as NodeId);
    const exposed: ExposedLine[] = [];
    for await (const line of exposedLines(parts, members, after === undefined ? undefined : parsed(after))) {
      if (exposed.length === itemsInPage)
        return { ok: true, members: nodes, exposed, next: exposedPlace(exposed.at(-1) ?? line) };
      exposed.push(line);
    }
    return { ok: true, members: nodes, exposed };
  }

  /** Everybody who is or was a member, by any revision that this node accepted. */
  async #parties(space: SpaceId): Promise<ReadonlyMap<string, Party>> {
    const cards = await this.#parts.book.everMembers(space);
    return new Map(cards.map(({ node, agency, name }) => [node, { node, agency, name }]));
  }
}

const partyOf =
  (parties: ReadonlyMap<string, Party>) =>
  (node: string): Party =>
    parties.get(node) ?? { node, agency: 'unknown', name: '' };

/** Sorts as the ledger does. */
const placeOf = ({ publisher, incarnation, epoch }: EpochLine): string =>
  `${publisher.node}.${incarnation}/${String(epoch).padStart(10, '0')}`;

const exposedPlace = ({ member, publisher, incarnation, seq }: ExposedLine): string =>
  `${member.node}/${publisher.node}.${incarnation}/${seq}`;

/** Throws CONTROL_MALFORMED. */
function parsed(text: string): ExposedPlace {
  const [member = '', feed = '', seq = ''] = text.split('/');
  if (!/^\d{1,15}$/.test(seq)) throw new DongboError('CONTROL_MALFORMED');
  return { member, feed: originKey(parseOriginKey(feed)), seq: Number(seq) };
}
