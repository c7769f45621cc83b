/** What /status answers, as a schema: `config/status.schema.json` is made from it. Names no item. */
import { z } from 'zod';
import { agreementFacts } from './facts.ts';
import { spaceStates } from './space-state.ts';

const count = z.int().min(0);
const time = z.iso.datetime().describe('UTC');
const code = z.string().describe('A code of the catalogue');
const hexId = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const nodeId = hexId(64);

/** R13. */
const freshnessFields = {
  lastSyncedAt: time
    .exactOptional()
    .describe('When the author signed that it had written no more than what is held here, contents included'),
  validUntil: time.exactOptional().describe('When the term of the agreement for this copy is over'),
  flags: z.array(z.literal('STALE_EXPIRED')).describe('STALE_EXPIRED: the copy is older than agreed'),
};

export const peerSnapshot = z.strictObject({
  node: nodeId,
  agency: z.string(),
  url: z.string().exactOptional().describe('Where this node calls it'),
  connected: z.boolean(),
  compared: z.boolean().describe('Both have told each other what they hold since they are connected'),
  inStep: z.boolean().describe('Both hold the same, as far as each has told the other'),
  lastSeen: time.exactOptional(),
  ownSeq: count.describe("Last change in this node's own feed"),
  sentSeq: count.describe("How far the peer holds this node's feed"),
  receiptSeq: count.describe("How far the peer has signed that this node's feed is durable there"),
  theirSeq: count.describe("Last change in the peer's own feed, as heard; 0 when it is not for this node"),
  heldSeq: count.describe("How far this node holds the peer's feed"),
  ...freshnessFields,
  takes: z.boolean().describe("This node's changes go to it; false for a member that only publishes"),
  reads: z.boolean().describe('Gives receipts; false for a relay and for a member that only publishes'),
  bytesIn: count.describe('From the peer since the start, over all spaces'),
  bytesOut: count.describe('To the peer since the start, over all spaces'),
  lastFault: code.exactOptional().describe('Why the link last failed'),
});

const details = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const halt = z.strictObject({
  code,
  needsRelease: z.boolean().describe('Only a person lifts it: dongbo release'),
  details,
});

const withdrawals = z.strictObject({
  open: count.describe('Items that some member has not confirmed to have given up'),
  confirmed: count.describe('Items that all members have'),
  oldest: time.exactOptional().describe('When the oldest open one began'),
});

export const spaceSnapshot = z.strictObject({
  space: hexId(32),
  name: z.string(),
  folder: z.string().exactOptional(),
  role: z.enum(['agent', 'relay']),
  state: z.enum(spaceStates),
  reason: code.exactOptional().describe('Why; absent exactly when in step'),
  since: time.exactOptional().describe('Since when it is so, as far as somebody looked'),
  details: details.exactOptional().describe('What the text of the reason is filled from'),
  agreement: z.enum(agreementFacts),
  halt: halt.exactOptional(),
  items: count.describe('0 on a relay, which sees none'),
  bytes: count,
  pending: count.describe('Items whose newest version is not yet on this disk'),
  behind: count.describe('Records of others that this node has heard of and does not hold'),
  withheld: count.describe('Feeds of which peers have left something out'),
  withheldRecords: count.describe('Records of others under labels that this node may not read (R37)'),
  withdrawals: withdrawals.exactOptional().describe('Items whose label this node has raised'),
  problems: count,
  problemCodes: z.record(z.string(), count).describe('How many problems of each code'),
  ...freshnessFields,
  lastScan: time.exactOptional(),
  lastChange: time.exactOptional(),
  quietSeconds: z.number().min(0).describe('How long nothing has moved'),
  peers: z.array(peerSnapshot),
});

const audit = z.strictObject({
  seq: count.describe('Last record of the audit log'),
  bytes: count,
  maxBytes: count.describe('When this is used up, sharing stops'),
  code: code.exactOptional().describe('AUDIT_NEARLY_FULL, or what stops sharing'),
  peers: z
    .array(
      z.strictObject({
        peer: nodeId,
        agency: z.string(),
        code: code.describe('PEER_AUDIT_WENT_BACK, PEER_AUDIT_FORKED or PEER_AUDIT_HEAD_INVALID'),
        seq: count.describe('Record that its log ends with'),
        remembered: count.describe('Last record that it had signed before'),
      }),
    )
    .exactOptional()
    .describe('Nodes whose audit logs are not what this node remembers of them'),
  syslog: z
    .strictObject({
      sent: count.describe('Last record that the collector has read'),
      behind: count.describe('Records that wait for the collector'),
      code: code.exactOptional().describe('SYSLOG_UNREACHABLE while it takes none'),
    })
    .exactOptional()
    .describe('The syslog collector, where one is configured'),
});

export const snapshotSchema = z.strictObject({
  format: z.literal(1).describe('Grows by new fields only; a change of meaning gets a new number'),
  version: z.string().describe('Version of dongbo'),
  agency: z.string(),
  node: z.union([nodeId, z.literal('')]),
  role: z.enum(['agent', 'relay']),
  time,
  started: time,
  ready: z.boolean().describe('What /readyz says'),
  unready: z
    .array(z.strictObject({ space: z.string().exactOptional(), reason: code }))
    .describe('Why not ready'),
  state: z.enum(spaceStates).describe('The worst state of all spaces'),
  reason: code.exactOptional(),
  lastInStep: time.exactOptional().describe('When every space was last seen in step'),
  audit: audit.exactOptional(),
  memory: z.strictObject({ residentBytes: count }),
  spaces: z.array(spaceSnapshot),
});

export type PeerSnapshot = z.output<typeof peerSnapshot>;
export type SpaceSnapshot = z.output<typeof spaceSnapshot>;
export type Snapshot = z.output<typeof snapshotSchema>;

/** How many of this node's changes the peer has yet to confirm; a relay has yet to get. */
export const leftFor = ({ takes, reads, ownSeq, receiptSeq, sentSeq }: PeerSnapshot): number =>
  takes ? Math.max(0, ownSeq - (reads ? receiptSeq : sentSeq)) : 0;

/** For readers of /status: `config/status.schema.json`. */
export const statusJsonSchema = (): object => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'dongbo /status',
  ...z.toJSONSchema(snapshotSchema),
});
