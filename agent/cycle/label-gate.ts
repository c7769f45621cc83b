/**
 * Under which label class an item may be published: by the rules, label files and decisions here, and never below what
 * it was published under, unless a decision of this node came after that.
 */
import type { Agreement } from '#agent/core/agreement.ts';
import { isSecretClass, parseLabelClass } from '#agent/core/clearance.ts';
import { originalOf } from '#agent/core/conflict-name.ts';
import type { Problem } from '#agent/core/errors.ts';
import { type Origin, originKey } from '#agent/core/ids.ts';
import type { ItemChange, RemoteRecord, Row } from '#agent/core/item.ts';
import { type Label, labelClass, labelWithin } from '#agent/core/label.ts';
import { highestOf, labelFrom } from '#agent/core/label-rules.ts';
import { standing, withAgreed } from '#agent/core/merge.ts';
import { type LabelRules, withPackage } from '#agent/store/label-rules.ts';
import type { FoundKind } from '#agent/store/store.ts';

export interface LabelParts {
  readonly rules: LabelRules;
  /** Its label is the highest that the space may carry. */
  readonly agreement: () => Agreement;
  /** The label class of an epoch that this node holds. */
  readonly classOf: (author: Origin, epoch: number) => Promise<string | undefined>;
  readonly rowOf: (path: string) => Promise<Row | undefined>;
  /** The label class of the last record of the item in this node's own feed; undefined where it has none. */
  readonly ownClassOf: (path: string, row: Row) => Promise<string | undefined>;
  /** Whether a feed is one of this node's lives. */
  readonly isOwn: (author: Origin) => boolean;
}

/** What a record of the item was published under, and what is left of that after the decisions of this node. */
export interface Floor {
  readonly published: Label;
  readonly author: Origin;
  readonly floor: Label;
}

export type Gate =
  | { readonly labelClass: string }
  | { readonly refusal: 'LABEL_MISSING' | 'LABEL_ABOVE_AGREEMENT'; readonly label: string };

/** Whether others have it, by some record that stands. */
export const isShared = (row: Row | undefined): boolean =>
  standing(withAgreed(row?.remote, row?.agreed)).some(({ state }) => state.kind !== 'gone');

/** Beyond this many, what comes for such items waits, as does the receipt for its author. */
const maxHeld = 100_000;

export class LabelGate {
  readonly #parts: LabelParts;
  /** Items that were shared and may not be any more, and are still here: what comes for them is set aside. */
  readonly #held = new Set<string>();

  constructor(parts: LabelParts) {
    this.#parts = parts;
  }

  holds(path: string): boolean {
    return this.#held.has(path);
  }

  /** The item is not here any more. */
  free(path: string): void {
    this.#held.delete(path);
  }

  /** Whether a change that was sealed under a class is still allowed under it. */
  async fits({ path, state }: ItemChange, row: Row | undefined, sealedAs: string): Promise<boolean> {
    if (!this.#parts.rules.any || state.kind === 'yield') return true;
    const gone = state.kind === 'gone';
    const now = gone ? { labelClass: await this.ofRecord(row) } : await this.of(path, state.kind, row);
    const [least, has] = ['labelClass' in now ? now.labelClass : '', sealedAs].map(parseLabelClass);
    return least !== undefined && has !== undefined && labelWithin(least, has);
  }

  /**
   * Whether chunks of a file that were sealed under a class may still be given out: not under our own keys once it is a state secret, has
   * been withdrawn, or stands under more, here or by the record that stands for it.
   */
  async serves(path: string, row: Row, sealedAs: string): Promise<boolean> {
    const { local, remote, withdrawn } = row;
    if (!local || withdrawn) return false;
    if (!isSecretClass(sealedAs) && this.#parts.rules.isSecret(path, 'file')) return false;
    const [published, sealed] = [await this.#published(row), parseLabelClass(sealedAs)];
    if (remote && !(published && sealed && labelWithin(published, sealed))) return false;
    return this.fits({ path, state: local.state, version: [] }, row, sealedAs);
  }

  /**
   * What nobody labels carries the label of the space, which is the highest that it could have; where the configuration
   * has rules, it is not shared.
   */
  async of(path: string, kind: FoundKind, row: Row | undefined): Promise<Gate> {
    const { rules, agreement } = this.#parts;
    const ceiling = agreement().label;
    // Nothing sets a level of secrecy by itself (R05): here a rule must, with who decided it.
    if (!rules.any && ceiling.secrecy !== 'NONE') return { refusal: 'LABEL_MISSING', label: '' };
    if (!rules.any) return { labelClass: labelClass(ceiling) };
    const label = await this.label(path, kind, row);
    const refused = !label || !labelWithin(label, ceiling);
    if (!refused) this.#held.delete(path);
    else if (row?.agreed && this.#held.size < maxHeld) this.#held.add(path);
    if (!label) return { refusal: 'LABEL_MISSING', label: '' };
    // A part whose label comes from nowhere but its past, or from the space, raises its package too.
    const around = rules.packageOver(path, kind);
    if (around !== undefined && (await rules.memory.raise(around, label))) rules.changed();
    if (!labelWithin(label, ceiling)) return { refusal: 'LABEL_ABOVE_AGREEMENT', label: labelClass(label) };
    return { labelClass: labelClass(label) };
  }

  /** The highest of all that has a say. Undefined when nothing gives it one. */
  async label(path: string, kind: FoundKind, row: Row | undefined): Promise<Label | undefined> {
    const { rules } = this.#parts;
    const ruled = highestOf(this.#ruled(path, kind));
    const floors = await this.floors(path, row);
    const own = highestOf([ruled, ...floors.map(({ floor }) => floor)]);
    return withPackage(own, rules.packageLabel(path));
  }

  /** What a delete or a withdrawal is told under: as the item itself. */
  async ofRecord(row: Row | undefined): Promise<string> {
    return labelClass((await this.#published(row)) ?? this.#parts.agreement().label);
  }

  /** The highest label that the space may carry. */
  get ceiling(): Label {
    return this.#parts.agreement().label;
  }

  /** Why an item that others have may not be shared any more, and cannot be taken back: no class keeps it from all of them. */
  async staysShared(path: string, kind: FoundKind, row: Row | undefined): Promise<Problem | undefined> {
    if (!this.#parts.rules.any || !isShared(row)) return undefined;
    const gate = await this.of(path, kind, row);
    if (!('refusal' in gate)) return undefined;
    return {
      code: 'LABEL_STAYS_SHARED',
      path,
      details: { label: gate.label, limit: labelClass(this.ceiling) },
    };
  }

  /**
   * Whether it should stand under another class than what it was published under: a higher one, or as decided. Or another
   * has published it under more than this node had: what this node sent before is its own to withdraw.
   */
  async isRaised(path: string, kind: FoundKind, row: Row | undefined): Promise<boolean> {
    if (!this.#parts.rules.any || !row?.remote) return false;
    const [gate, published] = [await this.of(path, kind, row), await this.#published(row)];
    if (published === undefined || !('labelClass' in gate)) return false;
    if (gate.labelClass !== labelClass(published)) return true;
    const own = parseLabelClass((await this.#parts.ownClassOf(path, row)) ?? '');
    return own !== undefined && labelClass(own) !== gate.labelClass && labelWithin(own, published);
  }

  /** A conflict copy is the item under another name: the rules for that hold for it too. */
  #ruled(path: string, kind: FoundKind): (Label | undefined)[] {
    const original = originalOf(path);
    const paths = original === undefined ? [path] : [path, original];
    const { rules, agreement } = this.#parts;
    const ceiling = agreement().label;
    const base = rules.configured || ceiling.secrecy !== 'NONE' ? undefined : ceiling;
    return paths.map((p) => labelFrom(rules.of(p, kind).rules, base));
  }

  /**
   * What it was published under, by whomever, and so the item that a conflict copy was made beside; and what of that
   * still holds.
   */
  async floors(path: string, row: Row | undefined): Promise<Floor[]> {
    const original = originalOf(path);
    const beside = original === undefined ? undefined : await this.#parts.rowOf(original);
    const floors = [
      ...(await this.#floorsOf(path, row)),
      ...(await this.#floorsOf(original ?? path, beside)),
    ];
    return floors;
  }

  async #floorsOf(path: string, { remote }: Row = {}): Promise<Floor[]> {
    const records = remote ? [remote, ...(remote.rivals ?? [])] : [];
    const found = await Promise.all(
      records.map(async (record) => ({ record, published: await this.#classOf(record) })),
    );
    const { decisions } = this.#parts.rules.memory;
    return found.flatMap(({ record, published }) => {
      if (!published) return [];
      const { author, seq } = record;
      // Another node's label is not this one's to lower.
      const feed = this.#parts.isOwn(author) ? originKey(author) : undefined;
      return [{ published, author, floor: decisions.floor(path, published, { feed, seq }) }];
    });
  }

  async #published(row: Row | undefined): Promise<Label | undefined> {
    return row?.remote && this.#classOf(row.remote);
  }

  async #classOf({ author, epoch }: RemoteRecord): Promise<Label | undefined> {
    const found = await this.#parts.classOf(author, epoch);
    return found === undefined ? undefined : parseLabelClass(found);
  }
}
