/** The state secrets of one space: which paths they are by the rules, and that nobody outside the folder reads their names. */
import { originalOf } from '#agent/core/conflict-name.ts';
import type { Problem } from '#agent/core/errors.ts';
import type { AgentEvent, Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import type { Label } from '#agent/core/label.ts';
import { highestOf } from '#agent/core/label-rules.ts';
import { isPlace, secretPlace } from '#agent/core/problem-place.ts';
import type { CipherFault } from '#agent/seal/cipher-slot.ts';
import type { LabelRules } from '#agent/store/label-rules.ts';
import type { FoundKind } from '#agent/store/store.ts';
import type { SecretGate } from './secret-gate.ts';

export interface SpaceSecretsParts {
  readonly space: SpaceId;
  readonly labels: LabelRules;
  readonly gate: SecretGate;
}

/** Levels that a rule can name and a network can carry. */
const carried = ['MAT', 'TOI_MAT'] as const;

const concealed = '(secret)';

export class SpaceSecrets {
  readonly #parts: SpaceSecretsParts;

  constructor(parts: SpaceSecretsParts) {
    this.#parts = parts;
  }

  onChange(listener: () => void): void {
    this.#parts.gate.onChange(listener);
  }

  /** Whether it is a state secret that may not be handled now: then it is not even listed. */
  hides(path: string, kind: FoundKind): boolean {
    const label = this.#labelOf(path, kind);
    return label !== undefined && this.#parts.gate.refusal(this.#parts.space, label) !== undefined;
  }

  /** Whether the rules make a state secret of it, or of the item that a conflict copy was made beside. */
  isSecret(path: string): boolean {
    return this.#labelOf(path, 'file') !== undefined || this.#labelOf(path, 'dir') !== undefined;
  }

  /** Why what was sealed under a label class does not open; undefined when the class is not the reason. */
  closedBy(labelClass: string): CipherFault | undefined {
    return this.#parts.gate.ofClass(this.#parts.space, labelClass);
  }

  /** By level, why secrets that the rules name are left alone now. A level that is handled has no fault. */
  faults(): readonly { readonly path: string; readonly fault: CipherFault | undefined }[] {
    const { gate, labels, space } = this.#parts;
    // Where the space is not meant to carry any, they stay at home without a word.
    return carried
      .filter((level) => labels.names(level) && gate.carries(space))
      .map((level) => ({
        path: secretPlace(level),
        fault: gate.refusal(space, { sensitivity: 'PUBLIC', secrecy: level, personalData: 'NONE' }),
      }));
  }

  /** Undefined when nothing makes a secret of it: no rule, decision or package. */
  #labelOf(path: string, kind: FoundKind): Label | undefined {
    const { labels } = this.#parts;
    const original = originalOf(path);
    const paths = original === undefined ? [path] : [path, original];
    if (!paths.some((one) => labels.isSecret(one, kind))) return undefined;
    return highestOf(paths.flatMap((one) => [labels.of(one, kind).label, labels.packageLabel(one)]));
  }

  /** Events of this space, without the names of secrets. */
  concealing(emit: Emit): Emit {
    return (event) => emit(this.#concealed(event));
  }

  #concealed(event: AgentEvent): AgentEvent {
    if (event.type === 'problem') return { ...event, problem: this.conceal(event.problem) };
    if (event.type === 'problem.cleared' && !isPlace(event.path) && this.isSecret(event.path))
      return { ...event, path: concealed };
    if (event.type === 'conflict' && this.isSecret(event.path))
      return { ...event, path: concealed, copy: concealed };
    return event;
  }

  /** What names an item, without that name while the item is hidden. */
  hidden<T extends { readonly path: string }>(one: T): T {
    return this.hides(one.path, 'file') || this.hides(one.path, 'dir') ? { ...one, path: concealed } : one;
  }

  /** Details may name other items, and go as well. A place is no name, and no rule for everything hides it. */
  conceal(problem: Problem): Problem {
    return !isPlace(problem.path) && this.isSecret(problem.path)
      ? { code: problem.code, path: concealed, details: {} }
      : problem;
  }
}
