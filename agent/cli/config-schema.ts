/** The configuration file, as a strict schema. The JSON Schema for editors is made from it. */
import { z } from 'zod';
import { highestField } from '#agent/core/agreement-terms.ts';
import { personalDataKinds, secrecies, sensitivities } from '#agent/core/label.ts';
import {
  absolutePath,
  decision,
  excludePattern,
  httpsUrl,
  ipAddress,
  loopbackAddress,
  nodeOrAgency,
  port,
  retentionMonths,
  spaceId,
  timetable,
} from './config-fields.ts';
import { lastDay } from './last-day.ts';

export const defaultStatusPort = 8321;

const listen = z.strictObject({
  address: ipAddress.default('0.0.0.0').describe('IP address to listen on'),
  port: port.describe('TCP port for other nodes (mutual TLS 1.3)'),
});

const status = z.strictObject({
  address: loopbackAddress.default('127.0.0.1').describe('Loopback only: the pages are for this machine'),
  port: port.default(defaultStatusPort).describe('TCP port of /healthz, /readyz, /status and /metrics'),
});

const log = z.strictObject({
  format: z.enum(['text', 'json']).default('text').describe('text for people, json for machines'),
  level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('debug shows item names'),
});

const label = z.strictObject({
  path: excludePattern.describe('Pattern as in .gitignore; a folder covers what is in it'),
  sensitivity: z.enum(sensitivities).exactOptional().describe('From PUBLIC up to CONFIDENTIAL'),
  secrecy: z.enum(secrecies).exactOptional().describe('State secret: needs decidedBy and decisionRef (R05)'),
  personalData: z.enum(personalDataKinds).exactOptional().describe('Personal data in it (R26)'),
  decidedBy: decision.exactOptional().describe('Who decided the level of secrecy'),
  decisionRef: decision.exactOptional().describe('Number of the decision'),
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
  labels: z
    .array(label)
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
