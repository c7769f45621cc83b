/** What travels over the control socket about labels. */
import { z } from 'zod';
import { DongboError } from '#agent/core/errors.ts';
import { parseSpaceId } from '#agent/core/ids.ts';
import { personalDataKinds, secrecies, sensitivities } from '#agent/core/label.ts';
import type { LabelDecision } from '#agent/core/label-memory.ts';
import { decision } from '#agent/core/label-rule-schema.ts';
import type { AppliedRule } from '#agent/core/label-rules.ts';
import { checkPath } from '#agent/core/path.ts';
import { hexField } from '#agent/core/trust-fields.ts';

const space = hexField(16).transform(parseSpaceId);
/** '' is the whole space. */
const path = z.string().refine((text) => text === '' || checkPath(text) === undefined);
const kind = z.enum(['file', 'dir', 'link']);

const says = {
  sensitivity: z.enum(sensitivities).exactOptional(),
  secrecy: z.enum(secrecies).exactOptional(),
  personalData: z.enum(personalDataKinds).exactOptional(),
  package: z.boolean().exactOptional(),
};
const set = z.strictObject({
  do: z.literal('label-set'),
  ...{ space, kind },
  decision: z.strictObject({ path, ...says, decidedBy: decision, decisionRef: decision }),
  by: z.string().trim().min(1).max(500),
});
const show = z.strictObject({ do: z.literal('label-show'), space, path, kind });
const list = z.strictObject({ do: z.literal('label-list'), space });
export const labelCommands = [set, show, list] as const;
export type LabelCommand = z.output<(typeof labelCommands)[number]>;

const rule = z.strictObject({
  path: z.string(),
  ...says,
  decidedBy: z.string().exactOptional(),
  decisionRef: z.string().exactOptional(),
  file: z.string().exactOptional(),
  at: z.number().exactOptional(),
  item: z.string().exactOptional(),
  gone: z.literal(true).exactOptional(),
});
const facts = z.strictObject({
  rules: z.array(rule),
  published: z.array(z.strictObject({ labelClass: z.string(), node: hexField(32), holds: z.string() })),
  package: z.strictObject({ path: z.string(), labelClass: z.string().exactOptional() }).exactOptional(),
  stays: z.int().exactOptional(),
  labelClass: z.string(),
});
/** As `LabelFacts` of `cycle/label-facts.ts`. */
export type ControlFacts = z.output<typeof facts>;

export const labelReplies = [
  z.strictObject({ ok: z.literal(true), facts }),
  z.strictObject({ ok: z.literal(true), decisions: z.array(rule) }),
] as const;
type LabelReply = z.output<(typeof labelReplies)[number]>;

interface Facts extends Omit<ControlFacts, 'rules' | 'published'> {
  readonly rules: readonly AppliedRule[];
  readonly published: readonly ControlFacts['published'][number][];
}

/** Each throws DongboError. */
export interface LabelCommands {
  decide(decision: LabelDecision, kind: 'file' | 'dir' | 'link', by: string): Promise<Facts>;
  show(path: string, kind: 'file' | 'dir' | 'link'): Promise<Facts>;
  list(): readonly AppliedRule[];
}

export async function carryOutLabels(
  labels: LabelCommands | undefined,
  command: LabelCommand,
): Promise<LabelReply> {
  if (!labels) throw new DongboError('SPACE_UNKNOWN', { space: command.space });
  switch (command.do) {
    case 'label-set':
      return replyOf(await labels.decide(command.decision, command.kind, command.by));
    case 'label-show':
      return replyOf(await labels.show(command.path, command.kind));
    case 'label-list':
      return { ok: true, decisions: [...labels.list()] };
  }
}

const replyOf = ({ rules, published, ...facts }: Facts): LabelReply => ({
  ok: true,
  facts: { ...facts, rules: [...rules], published: [...published] },
});
