/** Under which label class an item may be published: by the rules here, and never below what it was published under. */
import type { Agreement } from '#agent/core/agreement.ts';
import { parseLabelClass } from '#agent/core/clearance.ts';
import { originalOf } from '#agent/core/conflict-name.ts';
import type { Origin } from '#agent/core/ids.ts';
import type { RemoteRecord, Row } from '#agent/core/item.ts';
import { highestLabel, type Label, labelClass, labelWithin } from '#agent/core/label.ts';
import type { LabelRules } from '#agent/store/label-rules.ts';
import type { FoundKind } from '#agent/store/store.ts';

export interface LabelParts {
  readonly rules: LabelRules;
  /** Its label is the highest that the space may carry. */
  readonly agreement: () => Agreement;
  /** The label class of an epoch that this node holds. */
  readonly classOf: (author: Origin, epoch: number) => Promise<string | undefined>;
  readonly rowOf: (path: string) => Promise<Row | undefined>;
}

export type Gate =
  | { readonly labelClass: string }
  | { readonly refusal: 'LABEL_MISSING' | 'LABEL_ABOVE_AGREEMENT'; readonly label: string };

export class LabelGate {
  readonly #parts: LabelParts;

  constructor(parts: LabelParts) {
    this.#parts = parts;
  }

  /** Without rules an item carries the label of the space, which is the highest that it could have. */
  async of(path: string, kind: FoundKind, row: Row | undefined): Promise<Gate> {
    const { rules, agreement } = this.#parts;
    const ceiling = agreement().label;
    // Nothing sets a level of secrecy by itself (R05): here a rule must, with who decided it.
    if (!rules.any && ceiling.secrecy !== 'NONE') return { refusal: 'LABEL_MISSING', label: '' };
    if (!rules.any) return { labelClass: labelClass(ceiling) };
    const label = highest([...this.#ruled(path, kind), ...(await this.#publishedAs(path, row))]);
    if (!label) return { refusal: 'LABEL_MISSING', label: '' };
    if (!labelWithin(label, ceiling)) return { refusal: 'LABEL_ABOVE_AGREEMENT', label: labelClass(label) };
    return { labelClass: labelClass(label) };
  }

  /** What a delete or a withdrawal is told under: as the item itself. */
  async ofRecord(row: Row | undefined): Promise<string> {
    return labelClass((await this.#published(row)) ?? this.#parts.agreement().label);
  }

  /** Whether the rules call for more than what the item was published under. */
  async isRaised(path: string, kind: FoundKind, row: Row | undefined): Promise<boolean> {
    if (!this.#parts.rules.any || !row?.remote) return false;
    const [gate, published] = [await this.of(path, kind, row), await this.#published(row)];
    return published !== undefined && 'labelClass' in gate && gate.labelClass !== labelClass(published);
  }

  /** A conflict copy is the item under another name: the rules for that hold for it too. */
  #ruled(path: string, kind: FoundKind): (Label | undefined)[] {
    const original = originalOf(path);
    const paths = original === undefined ? [path] : [path, original];
    return paths.map((p) => this.#parts.rules.of(p, kind).label);
  }

  /** And what the item that a conflict copy was made beside was published under, by whomever. */
  async #publishedAs(path: string, row: Row | undefined): Promise<(Label | undefined)[]> {
    const original = originalOf(path);
    const beside = original === undefined ? undefined : await this.#parts.rowOf(original);
    const records = [row, beside].flatMap(({ remote } = {}) =>
      remote ? [remote, ...(remote.rivals ?? [])] : [],
    );
    return Promise.all(records.map((record) => this.#classOf(record)));
  }

  async #published(row: Row | undefined): Promise<Label | undefined> {
    return row?.remote && this.#classOf(row.remote);
  }

  async #classOf({ author, epoch }: RemoteRecord): Promise<Label | undefined> {
    const found = await this.#parts.classOf(author, epoch);
    return found === undefined ? undefined : parseLabelClass(found);
  }
}

function highest(labels: readonly (Label | undefined)[]): Label | undefined {
  return labels.reduce((all, label) => (all && label ? highestLabel(all, label) : (all ?? label)), undefined);
}
