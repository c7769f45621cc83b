/** The configuration file, as a strict schema. The JSON Schema for editors is made from it. */
import { z } from 'zod';
import { decision, excludePattern, labelRule } from '#agent/core/label-rule-schema.ts';
import { highestField } from '#agent/core/agreement-terms.ts';
import {
  absolutePath,
  dailyTimetable,
  hostName,
  httpsUrl,
  ipAddress,
  loopbackAddress,
  nodeOrAgency,
  ownPort,
  port,
  retentionMonths,
  spaceId,
  timetable,
} from './config-fields.ts';
import { lastDay } from './last-day.ts';

export const defaultStatusPort = 8321;

const listen = z.strictObject({
  address: ipAddress.default('0.0.0.0').describe('IP address to listen on'),
  port: ownPort.describe('TCP port for other nodes (mutual TLS 1.3); 0: any free one'),
});

const status = z.strictObject({
  address: loopbackAddress.default('127.0.0.1').describe('Loopback only: the pages are for this machine'),
  port: ownPort
    .default(defaultStatusPort)
    .describe('TCP port of /healthz, /readyz, /status and /metrics; 0: any free one'),
});

const log = z.strictObject({
  format: z.enum(['text', 'json']).default('text').describe('text for people, json for machines'),
  level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('debug shows item names'),
});

const syslog = z.strictObject({
  host: hostName.describe('Name or IP address of the collector, as in its certificate'),
  port: port.default(6514).describe('TCP port of the collector (RFC 5425)'),
  ca: absolutePath.describe('PEM file of the authority that vouches for the collector; no other is trusted'),
  cert: absolutePath
    .exactOptional()
    .describe('PEM file of the certificate that this node shows the collector'),
  key: absolutePath.exactOptional().describe('PEM file of its key'),
});

const audit = z.strictObject({
  maxBytes: z
    .int()
    .min(65_536)
    .max(2 ** 50)
    .default(2 ** 30)
    .describe('Space for the audit log; sharing stops when it is used up'),
  retentionMonths: retentionMonths
    .default(24)
    .describe('Whole months that the audit log is kept; 12 at least'),
  syslog: syslog.exactOptional().describe('Brings the audit log to a collector: RFC 5424 over TLS (R25)'),
});

const epochs = z.strictObject({
  rotate: dailyTimetable
    .default('0 2 1 * *')
    .describe(
      "When this node's keys are rotated (cron, local time, once a day at most); monthly when absent",
    ),
});

const stateCipher = z.strictObject({
  module: absolutePath.describe("Library of the device's maker (PKCS#11)"),
  tokenLabel: decision.describe('Label of the token'),
  keyLabel: decision.describe('Label of the AES-256 key that the key authority brought into it'),
  pinFile: absolutePath.describe('File that holds nothing but the PIN: a systemd credential'),
  product: decision.describe('Name of the product, as in the agreements'),
  approval: decision.describe('Number of its approval, as in the agreements'),
  highest: highestField.describe('Highest level of secrecy that it is approved for (R02)'),
  validUntil: lastDay.describe('Last day of the approval; in quotes'),
});

const space = z.strictObject({
  space: spaceId.describe('Id of the space, from its agreement'),
  folder: absolutePath.describe('The folder to keep in step; it must exist'),
  exclude: z.array(excludePattern).max(1000).default([]).describe('Patterns as in .gitignore'),
  growing: z
    .array(excludePattern)
    .max(1000)
    .default([])
    .describe('Patterns, as in .gitignore, of files that are only appended to, such as logs'),
  labels: z
    .array(labelRule)
    .max(256)
    .default([])
    .describe(
      'Labels by path; the highest that applies wins. Without rules every item has the label of the space',
    ),
  scan: timetable
    .default('*/10 * * * *')
    .describe('When to look through the whole folder (cron, local time)'),
  trashDays: z.int().min(1).max(3650).default(30).describe('Days that deleted and replaced items are kept'),
});

const peer = z.strictObject({
  node: nodeOrAgency.describe('Node id, or the e-ID of an agency with one node'),
  url: httpsUrl.describe('Where to call it'),
});

export const configSchema = z.strictObject({
  state: absolutePath.default('/var/lib/dongbo').describe('Directory for feeds, index, keys and agreements'),
  keys: absolutePath.exactOptional().describe('Directory of the keys; <state>/keys when absent'),
  role: z.enum(['agent', 'relay']).default('agent').describe('relay stores and forwards, and reads nothing'),
  listen: listen.exactOptional().describe('Needed by a relay, and by an agent that others call'),
  status: status.prefault({}).describe('The local status pages'),
  log: log.prefault({}).describe('What goes to standard output'),
  epochs: epochs.prefault({}).describe('The keys that this node seals under'),
  audit: audit.prefault({}).describe('The log of what was shared; it cannot be switched off'),
  stateCipher: stateCipher
    .exactOptional()
    .describe('Approved product for state secrets; without it none is ever read (R01)'),
  spaces: z.array(space).max(1000).default([]).describe('What this agent keeps in step'),
  peers: z.array(peer).max(4096).default([]).describe('Whom this node calls'),
});

export type Config = z.output<typeof configSchema>;
export type SpaceConfig = Config['spaces'][number];
export type PeerConfig = Config['peers'][number];

/** For editors: `config/agent.schema.json`. */
export const configJsonSchema = (): object => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'dongbo agent configuration',
  ...z.toJSONSchema(configSchema, { io: 'input' }),
});
