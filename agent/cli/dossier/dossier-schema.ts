/** What `dongbo dossier --format json` prints. Facts only; no item, key, token or title is in it. */
import { z } from 'zod';
import { languages } from '#agent/core/messages/language.ts';
import { agreementSchema, validity } from './agreement-schema.ts';

const count = z.int().min(0);
const time = z.iso.datetime().describe('UTC');
const text = z.string();

const system = z.strictObject({
  agency: text,
  name: text,
  node: text,
  role: z.enum(['agent', 'relay']),
  version: text,
  nodeVersion: text,
  opensslVersion: text,
  host: text,
  os: text,
  cpus: count,
  memoryBytes: count,
  config: text,
  state: text,
  keys: text,
  folders: z.array(z.strictObject({ space: text, folder: text })),
  stateCipher: z
    .strictObject({ product: text, approval: text, highest: text, valid: validity })
    .exactOptional()
    .describe('The approved product for state secrets, as configured (R02)'),
});

const flows = z.strictObject({
  listening: z.array(z.strictObject({ what: z.enum(['exchange', 'status', 'control']), at: text })),
  outgoing: z.array(z.strictObject({ to: text, agency: text.exactOptional(), url: text })),
  incoming: z
    .array(z.strictObject({ agency: text, node: text }))
    .describe('Members that this node does not call; they may call it'),
});

const suite = z.strictObject({
  name: text,
  spaces: z.array(text),
  postQuantum: z.boolean(),
  algorithms: z.array(
    z.strictObject({
      use: z.enum(['wrap', 'sign', 'trust', 'derive', 'seal', 'transport']),
      name: text,
      by: text.describe('Package and version that provides it'),
    }),
  ),
});

const labelRule = z.strictObject({
  rule: text.describe('Its place in the configuration, such as spaces[0].labels[2]'),
  path: text.exactOptional().describe('Left out where it may name an item or belongs to a secret'),
  sensitivity: text.exactOptional(),
  secrecy: text.exactOptional(),
  personalData: text.exactOptional(),
  decidedBy: text.exactOptional(),
  decisionRef: text.exactOptional(),
});

const access = z.strictObject({
  what: z.enum(['config', 'state', 'keys', 'key-file', 'audit', 'agreements', 'control', 'folder']),
  path: text,
  owner: text.exactOptional(),
  group: text.exactOptional(),
  mode: text.exactOptional().describe('Octal; absent when there is none'),
  most: text.describe('The widest mode that it should have'),
  wide: z.boolean(),
  errno: text.exactOptional(),
});

const audit = z.strictObject({
  retentionMonths: count,
  maxBytes: count,
  usedBytes: count,
  files: count,
  firstMonth: text.exactOptional(),
  head: z.union([z.strictObject({ seq: count, time: text }), z.enum(['absent', 'invalid', 'unreadable'])]),
  verified: z.union([
    z.strictObject({ first: count, last: count, fault: text.exactOptional() }),
    z.enum(['too-large', 'not-on-record', 'unreadable']).describe('Why it was not verified now'),
  ]),
});

const space = z.strictObject({
  space: text,
  name: text,
  state: text,
  reason: text.exactOptional(),
  halt: z.strictObject({ code: text, needsRelease: z.boolean() }).exactOptional(),
  items: count,
  problems: count,
  problemCodes: z.record(text, count),
  withheldRecords: count,
  lastScan: time.exactOptional(),
});

const running = z.union([
  z.strictObject({ is: z.literal(false), code: text.describe('Why nothing is known of a running agent') }),
  z.strictObject({ is: z.literal(true), started: time, state: text, spaces: z.array(space) }),
]);

/** What could not be read, as a message of the catalogue: it names field, rule and requirement. */
const fault = z.strictObject({ code: text, what: text, todo: text });

export const requirementKinds = [
  'by-configuration',
  'by-design',
  'partly',
  'not-met',
  'agency-duty',
] as const;

const requirement = z.strictObject({
  id: text.regex(/^R\d\d$/),
  kind: z.enum(requirementKinds),
  must: text,
  how: text.describe('How it is met, or what is missing'),
  duty: text.exactOptional().describe("The agency's own part"),
  settings: z.array(text).describe('Values of the live configuration and agreements'),
  tests: z.array(text).describe('Files of the test suite that hold it'),
});

export const dossierSchema = z.strictObject({
  format: z.literal(1).describe('Grows by new fields only; a change of meaning gets a new number'),
  language: z.enum(languages),
  made: time,
  system,
  flows,
  agreements: z.array(agreementSchema),
  suites: z.array(suite),
  labels: z.array(z.strictObject({ space: text, rules: z.array(labelRule) })),
  service: z
    .strictObject({ unit: text, user: text.exactOptional(), group: text.exactOptional() })
    .exactOptional(),
  access: z.array(access),
  logs: z.strictObject({ level: text, format: text, syslog: text.exactOptional(), audit }),
  running,
  faults: z.array(fault),
  requirements: z.array(requirement),
});

export type Dossier = z.output<typeof dossierSchema>;
export type RequirementKind = (typeof requirementKinds)[number];
export type Validity = z.output<typeof validity>;
