/** What a node must not forget of the labels of a space: decisions, packages, rules that made state secrets. */
import { z } from 'zod';
import { DongboError } from './errors.ts';
import {
  decisionEntry,
  type LabelDecision,
  LabelDecisions,
  type PublishedAt,
  type Recorded,
} from './label-decisions.ts';
import type { Label } from './label.ts';
import { PackageLabels, packageEntry } from './label-packages.ts';
import { LabelTexts, type Texts } from './label-texts.ts';
import { PathTags } from './path-tags.ts';
import { type PlacedRule, SecretRules, secretEntry } from './secret-rules.ts';

export type { LabelDecision, PublishedAt, Recorded };

const kept = z.strictObject({
  format: z.literal(1),
  key: z.string(),
  decisions: z.array(decisionEntry),
  packages: z.array(packageEntry),
  secrets: z.array(secretEntry),
  /** Absent in what an earlier version saved. */
  texts: z.array(z.string()).default([]),
});

export interface MemoryParts {
  /** As it was saved; undefined at first. */
  readonly text: string | undefined;
  /** 32 random bytes, used when nothing was saved yet. */
  readonly key: Uint8Array;
  /** Durable when it resolves. */
  readonly save: (text: string) => Promise<void>;
}

export class LabelMemory {
  readonly tags: PathTags;
  readonly decisions: LabelDecisions;
  readonly packages: PackageLabels;
  readonly secrets: SecretRules;
  readonly texts: LabelTexts;
  readonly #key: string;
  readonly #save: MemoryParts['save'];
  #saving: Promise<unknown> = Promise.resolve();

  /** Throws LABEL_MEMORY_DAMAGED. */
  constructor({ text, key, save }: MemoryParts) {
    const known = text === undefined ? undefined : read(text);
    this.#key = known?.key ?? Buffer.from(key).toString('hex');
    this.#save = save;
    this.tags = new PathTags(Buffer.from(this.#key, 'hex'));
    this.decisions = new LabelDecisions(this.tags, known?.decisions ?? []);
    this.packages = new PackageLabels(this.tags, known?.packages ?? []);
    this.secrets = new SecretRules(this.tags, known?.secrets ?? []);
    this.texts = new LabelTexts(this.tags, known?.texts ?? []);
  }

  /** One that keeps nothing; for what only looks. */
  static blank(): LabelMemory {
    return new LabelMemory({ text: undefined, key: new Uint8Array(32), save: async () => undefined });
  }

  /** Durable on return. Throws LABEL_DECISIONS_FULL. */
  async decide(
    decision: LabelDecision,
    recorded: Recorded,
    stands: (placed: PlacedRule) => boolean,
  ): Promise<void> {
    this.decisions.record(decision, recorded);
    this.packages.lower(decision);
    if (decision.secrecy !== undefined) this.secrets.lift(decision.path, stands);
    await this.#keep();
  }

  /** Durable on return: before anything of it is shared. Undefined when there is no room for another package. */
  async raise(dir: string, label: Label): Promise<boolean | undefined> {
    const raised = this.packages.raise(dir, label);
    if (raised) await this.#keep();
    return raised;
  }

  /** Durable on return. Throws LABEL_SECRETS_FULL. */
  async keepSecrets(placed: readonly PlacedRule[]): Promise<void> {
    if (placed.map((one) => this.secrets.keep(one)).includes(true)) await this.#keep();
  }

  /** Durable on return. */
  async keepTexts(texts: Texts): Promise<void> {
    if (this.texts.keep(texts)) await this.#keep();
  }

  /** In turn, so that the last word is the one that stays. */
  #keep(): Promise<void> {
    const saved = this.#saving.then(() => this.#save(this.#text()));
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  #text(): string {
    const { decisions, packages, secrets, texts } = this;
    const lists = { decisions: decisions.entries, packages: packages.entries, secrets: secrets.entries };
    return JSON.stringify({ format: 1, key: this.#key, ...lists, texts: texts.entries });
  }
}

function read(text: string): z.output<typeof kept> {
  try {
    return kept.parse(JSON.parse(text));
  } catch (cause) {
    throw new DongboError('LABEL_MEMORY_DAMAGED', {}, { cause });
  }
}
