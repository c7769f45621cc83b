/** What travels over the control socket: one JSON object each way, over HTTP on a Unix socket that only the owner opens. */
import { z } from 'zod';
import { parseSpaceId } from '#agent/core/ids.ts';
import { hexField } from '#agent/core/trust-fields.ts';
import { labelCommands, labelReplies } from './control-labels.ts';
import { keysExposed, keysList, keysReplies, keysRotate } from './control-keys.ts';

const space = hexField(16).transform(parseSpaceId);
const words = z.string().trim().min(1).max(500);

export const controlCommand = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('release'), space, by: words, reason: words }),
  z.strictObject({ do: z.literal('rescan'), space }),
  z.strictObject({ do: z.literal('refresh') }),
  z.strictObject({ do: z.literal('audit-read'), by: words, command: words }),
  z.strictObject({ do: z.literal('problems'), space, limit: z.int().min(1).max(10_000) }),
  ...labelCommands,
  z.strictObject({ do: z.literal('corrections'), space, limit: z.int().min(1).max(10_000) }),
  z.strictObject({
    do: z.literal('decide'),
    space,
    id: z.string().regex(/^[0-9a-f]{16}$/),
    accept: z.boolean(),
    by: words,
    reason: z.string().trim().max(500),
  }),
  ...[keysList, keysRotate, keysExposed],
]);

export type ControlCommand = z.output<typeof controlCommand>;

const details = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** A proposal that waits (with an id), or the refusal of one of this node's own. */
const correction = z.union([
  z.strictObject({
    id: z.string(),
    path: z.string(),
    from: z.string(),
    label: z.string(),
    kind: z.string(),
    size: z.int().exactOptional(),
    came: z.string(),
  }),
  z.strictObject({ path: z.string(), refused: z.string() }),
]);

export type CorrectionShown = z.output<typeof correction>;

/** `released`: the code of the halt that was lifted. `more`: there are further problems beyond the limit. */
export const controlReply = z.union([
  z.strictObject({ ok: z.literal(true), released: z.string().exactOptional() }),
  z.strictObject({ ok: z.literal(true), corrections: z.array(correction), more: z.boolean() }),
  z.strictObject({
    ok: z.literal(true),
    problems: z.array(z.strictObject({ code: z.string(), path: z.string(), details })),
    more: z.boolean(),
  }),
  ...labelReplies,
  ...keysReplies,
  z.strictObject({ ok: z.literal(false), code: z.string(), details }),
]);

export type ControlReply = z.output<typeof controlReply>;

/** The only resource of the socket. */
export const controlRoute = '/v1/control';
export const maxCommandBytes = 8 * 1024;
export const maxReplyBytes = 128 * 1024 * 1024;
