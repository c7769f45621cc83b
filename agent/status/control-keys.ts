/** What `dongbo keys` asks of the running agent, and what it answers; see `control-protocol.ts`. */
import { z } from 'zod';
import { parseSpaceId } from '#agent/core/ids.ts';
import { hexField } from '#agent/core/trust-fields.ts';

const space = hexField(16).transform(parseSpaceId);
const words = z.string().trim().min(1).max(500);
const labelClass = z.string().min(1).max(64);
/** Where the page before ended. */
const after = z.string().max(300);

export const keysList = z.strictObject({ do: z.literal('keys-list'), space, after: after.exactOptional() });
export const keysRotate = z.strictObject({
  do: z.literal('keys-rotate'),
  space,
  by: words,
  labelClass: labelClass.exactOptional(),
  reason: words.exactOptional(),
});
export const keysExposed = z.strictObject({
  do: z.literal('keys-exposed'),
  space,
  by: words,
  member: z.string().min(1).max(64),
  after: after.exactOptional(),
});

/** Times are milliseconds since the Unix epoch; 0 when unknown. */
const party = z.strictObject({ node: z.string(), agency: z.string(), name: z.string() });
const epoch = z.strictObject({
  publisher: party,
  incarnation: z.string(),
  own: z.boolean(),
  labelClass: z.string(),
  epoch: z.int(),
  suite: z.string(),
  opened: z.number(),
  why: z.string(),
  current: z.boolean(),
  /** `withheld`: granted to others, not to this node. */
  secret: z.enum(['held', 'device', 'destroyed', 'withheld']),
  destroyed: z.number(),
  /** Item records that are live and sealed under it. */
  live: z.int(),
  readers: z.array(party.extend({ granted: z.number() })),
});
const rotated = z.strictObject({ labelClass: z.string(), before: z.int(), epoch: z.int() });

/**
 * One record that a member's keys open. Without `path` when this node can no longer name it; `state` is `unknown`, and
 * `epoch` 0, when it cannot even tell its epoch. `fetched`: a receipt of the member covers it.
 */
const exposed = z.strictObject({
  member: party,
  publisher: party,
  incarnation: z.string(),
  epoch: z.int(),
  labelClass: z.string(),
  seq: z.int(),
  time: z.number(),
  state: z.enum(['live', 'deleted', 'superseded', 'unknown']),
  path: z.string().exactOptional(),
  fetched: z.boolean(),
});

export const keysReplies = [
  z.strictObject({ ok: z.literal(true), epochs: z.array(epoch), next: after.exactOptional() }),
  z.strictObject({ ok: z.literal(true), rotated: z.array(rotated) }),
  z.strictObject({
    ok: z.literal(true),
    members: z.array(party),
    exposed: z.array(exposed),
    next: after.exactOptional(),
  }),
] as const;

export type Party = z.output<typeof party>;
export type EpochLine = z.output<typeof epoch>;
export type ExposedLine = z.output<typeof exposed>;
export type KeysList = z.output<typeof keysList>;
export type KeysRotate = z.output<typeof keysRotate>;
export type KeysExposed = z.output<typeof keysExposed>;
type Reply = { [At in keyof typeof keysReplies]: z.output<(typeof keysReplies)[At]> };
export type EpochsReply = Reply[0];
export type RotatedReply = Reply[1];
export type ExposedReply = Reply[2];

/** Each throws DongboError. */
export interface KeyCommands {
  list(command: KeysList): Promise<EpochsReply>;
  rotate(command: KeysRotate): Promise<RotatedReply>;
  exposed(command: KeysExposed): Promise<ExposedReply>;
}
