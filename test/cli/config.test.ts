/** The configuration: what is read, and every fault with its place, field, rule and code. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '#agent/cli/config.ts';
import { configJsonSchema } from '#agent/cli/config-schema.ts';
import { render } from '#agent/core/messages/index.ts';

const space = '0123456789abcdef0123456789abcdef';
const node = 'ab'.repeat(32);
const read = (text: string) => parseConfig('a.yaml', text).config;

function issuesOf(text: string): string[] {
  try {
    read(text);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.issues.map(({ code, details: { line, column, field = '', rule = '' } }) =>
      `${code} ${line}:${column} ${field} ${rule}`.trimEnd(),
    );
  }
}

const withSpace = (entry: string) => `spaces:\n  - space: ${space}\n    folder: /srv/a\n    ${entry}\n`;

const cipher = {
  module: '/usr/lib/m.so',
  tokenLabel: 't',
  keyLabel: 'k',
  pinFile: '/run/credentials/dongbo.service/pin',
  product: 'M',
  approval: '01/GCN',
  highest: 'MAT',
  validUntil: '"2027-12-31"',
};
const withCipher = (changes: object): string =>
  `stateCipher:\n${Object.entries({ ...cipher, ...changes })
    .flatMap(([key, value]) => (value === undefined ? [] : [`  ${key}: ${value}\n`]))
    .join('')}`;

const cipherFaults: [string, string[]][] = [
  [withCipher({ highest: 'TUYET_MAT' }), ['CONFIG_RULE 8:12 stateCipher.highest one-of']],
  [withCipher({ validUntil: '31/12/2027' }), ['CONFIG_RULE 9:15 stateCipher.validUntil day']],
  [withCipher({ pinFile: 'pin' }), ['CONFIG_RULE 5:12 stateCipher.pinFile absolute-path']],
  [withCipher({ pin: '1234' }), ['CONFIG_UNKNOWN_KEY 10:3 stateCipher.pin']],
  [withCipher({ approval: undefined }), ['CONFIG_MISSING_KEY 2:3 stateCipher.approval cipher-approved']],
  [`role: relay\nlisten: { port: 1 }\n${withCipher({})}`, ['CONFIG_RULE 4:3 stateCipher relay-no-cipher']],
];

describe('a sound configuration', () => {
  it('names a product for state secrets up to the end of a day in Vietnam', () => {
    const { stateCipher } = read(withCipher({}));
    expect(stateCipher).toEqual({ ...cipher, validUntil: '2027-12-31T17:00:00.000Z' });
  });

  it('may be empty: every key has a default', () => {
    expect(read('')).toEqual({
      state: '/var/lib/dongbo',
      role: 'agent',
      status: { address: '127.0.0.1', port: 8321 },
      audit: { maxBytes: 2 ** 30, retentionMonths: 24 },
      epochs: { rotate: '0 2 1 * *' },
      log: { format: 'text', level: 'info' },
      spaces: [],
      peers: [],
    });
  });

  it('is normalised', () => {
    const config = read(
      [
        'state: /var/lib/dongbo/',
        `spaces: [{ space: ${space}, folder: /srv/a// }]`,
        `peers: [{ node: ${node}, url: "https://Hub.example:8443/" }, { node: H29.12, url: https://10.0.0.1 }]`,
      ].join('\n'),
    );
    expect(config.state).toBe('/var/lib/dongbo');
    expect(config.spaces[0]).toEqual({
      space,
      folder: '/srv/a',
      exclude: [],
      growing: [],
      scan: '*/10 * * * *',
      labels: [],
      trashDays: 30,
    });
    expect(config.peers.map(({ url }) => url)).toEqual(['https://hub.example:8443', 'https://10.0.0.1']);
  });

  it('is the example that we ship', async () => {
    const text = await readFile('config/agent.yaml', 'utf8');
    expect(issuesOf(text)).toEqual([]);
  });
});

it.each(cipherFaults)('names a fault of the state cipher: %j', (text, expected) => {
  expect(issuesOf(text)).toEqual(expected);
});

describe('a fault', () => {
  it.each([
    ['rolle: agent', ['CONFIG_UNKNOWN_KEY 1:1 rolle']],
    ['status:\n  prot: 1', ['CONFIG_UNKNOWN_KEY 2:3 status.prot']],
    [withSpace('fold: /x'), ['CONFIG_UNKNOWN_KEY 4:5 spaces[0].fold']],
    ['status:\n  port: "80"', ['CONFIG_TYPE 2:9 status.port integer']],
    ['status:', ['CONFIG_TYPE 1:8 status map']],
    ['spaces: {}', ['CONFIG_TYPE 1:9 spaces list']],
    ['state: true', ['CONFIG_TYPE 1:8 state text']],
    ['rescanOnStart: true', ['CONFIG_UNKNOWN_KEY 1:1 rescanOnStart']],
    ['status:\n  port: 1.5', ['CONFIG_RULE 2:9 status.port integer']],
    ['status:\n  port: -1', ['CONFIG_RULE 2:9 status.port at-least']],
    ['status:\n  port: 65536', ['CONFIG_RULE 2:9 status.port at-most']],
    ['status:\n  address: 0.0.0.0', ['CONFIG_RULE 2:12 status.address loopback']],
    ['status:\n  address: localhost', ['CONFIG_RULE 2:12 status.address loopback']],
    ['role: hub', ['CONFIG_RULE 1:7 role one-of']],
    ['state: var/lib', ['CONFIG_RULE 1:8 state absolute-path']],
    ['state: /var/../etc', ['CONFIG_RULE 1:8 state absolute-path']],
    ['state: /', ['CONFIG_RULE 1:8 state absolute-path']],
    ['listen:\n  address: 10.0.0.1', ['CONFIG_MISSING_KEY 2:3 listen.port integer']],
    ['listen:\n  port: 1\n  address: any', ['CONFIG_RULE 3:12 listen.address ip-address']],
    ['spaces:\n  - folder: /srv/a', ['CONFIG_MISSING_KEY 2:5 spaces[0].space space-id']],
    ['spaces:\n  - space: ABC\n    folder: /srv/a', ['CONFIG_RULE 2:12 spaces[0].space space-id']],
    ['epochs: { rotate: monthly }', ['CONFIG_RULE 1:19 epochs.rotate cron-daily']],
    ['epochs: { rotate: "0 * * * *" }', ['CONFIG_RULE 1:19 epochs.rotate cron-daily']],
    ['epochs: { rotate: "*/10 2 * * *" }', ['CONFIG_RULE 1:19 epochs.rotate cron-daily']],
    [withSpace('scan: hourly'), ['CONFIG_RULE 4:11 spaces[0].scan cron']],
    [withSpace('labels: [{ path: a }]'), ['CONFIG_RULE 4:14 spaces[0].labels[0] label-says-something']],
    [
      withSpace('labels: [{ path: a, sensitivity: LOW }]'),
      ['CONFIG_RULE 4:38 spaces[0].labels[0].sensitivity one-of'],
    ],
    [
      withSpace('labels: [{ path: a, secrecy: MAT, decidedBy: Ông A }]'),
      ['CONFIG_MISSING_KEY 4:14 spaces[0].labels[0].decisionRef secrecy-decided'],
    ],
    [withSpace('scan: "* * * * * *"'), ['CONFIG_RULE 4:11 spaces[0].scan cron']],
    [withSpace('scan: "61 * * * *"'), ['CONFIG_RULE 4:11 spaces[0].scan cron']],
    [withSpace('trashDays: 0'), ['CONFIG_RULE 4:16 spaces[0].trashDays at-least']],
    [withSpace('exclude: ["a\\nb"]'), ['CONFIG_RULE 4:15 spaces[0].exclude[0] pattern']],
    ['peers:\n  - { node: x, url: https://a }', ['CONFIG_RULE 2:13 peers[0].node node-or-agency']],
    ...['http://a', 'https://u@a', 'https://a/x', 'https://a?x', 'https://', 'a'].map(
      (url): [string, string[]] => [
        `peers:\n  - node: H29\n    url: "${url}"`,
        ['CONFIG_RULE 3:10 peers[0].url https-url'],
      ],
    ),
    ['role: relay', ['CONFIG_MISSING_KEY 1:1 listen relay-listens']],
    ['audit:\n  retentionMonths: 11', ['CONFIG_RULE 2:20 audit.retentionMonths retention']],
    ['audit:\n  maxBytes: 1000', ['CONFIG_RULE 2:13 audit.maxBytes at-least']],
    ['audit:\n  enabled: false', ['CONFIG_UNKNOWN_KEY 2:3 audit.enabled']],
    ['a: 1\nb: 2', ['CONFIG_UNKNOWN_KEY 1:1 a', 'CONFIG_UNKNOWN_KEY 2:1 b']],
  ])('%j', (text, expected) => {
    expect(issuesOf(text)).toEqual(expected);
  });

  it('between fields is told as well: folders that overlap, ids given twice', () => {
    const other = space.replace('0', 'f');
    const text = [
      'state: /srv/state',
      'spaces:',
      `  - { space: ${space}, folder: /srv/a }`,
      `  - { space: ${space}, folder: /srv/ab }`,
      `  - { space: ${other}, folder: /srv/a/b }`,
      `  - { space: ${other.replace('1', 'e')}, folder: /srv }`,
      'peers: [{ node: H29, url: https://a }, { node: H29, url: https://b }]',
    ].join('\n');
    expect(issuesOf(text)).toEqual([
      'CONFIG_RULE 4:14 spaces[1].space each-once',
      'CONFIG_RULE 5:56 spaces[2].folder apart',
      'CONFIG_RULE 6:56 spaces[3].folder apart',
      'CONFIG_RULE 7:48 peers[1].node each-once',
    ]);
  });

  it.each([
    ['/srv/a', 'the same'],
    ['/srv/a/state', 'inside'],
    ['/srv', 'around'],
  ])('is a state directory of %s, %s the folder', (state) => {
    expect(issuesOf(`state: ${state}\n${withSpace('')}`)).toEqual([
      'CONFIG_RULE 4:13 spaces[0].folder apart',
    ]);
  });

  it('is told together with all the others, in the order of the file', () => {
    const text = 'role: hub\nstate: x\nzz: 1\nspaces:\n  - folder: /a\n  - folder: /a/b\n';
    expect(issuesOf(text).map((issue) => issue.split(' ')[0])).toEqual([
      'CONFIG_RULE',
      'CONFIG_RULE',
      'CONFIG_UNKNOWN_KEY',
      'CONFIG_MISSING_KEY',
      'CONFIG_MISSING_KEY',
      'CONFIG_RULE',
    ]);
  });

  it.each([
    ['a:\n\t- b', 2],
    ['state: /a\nstate: /b', 2],
    ['a: [1, 2', 1],
    ['a: "x', 1],
    ['a: 1\n---\nb: 2', 2],
  ])('of syntax has its line: %j', (text, line) => {
    const issues = issuesOf(text);
    expect(issues[0]).toMatch(new RegExp(`^CONFIG_SYNTAX ${line}:`));
  });

  it('of aliases that blow up is a fault of syntax, not a full memory', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `a${i}: &a${i} [${`*a${i - 1}, `.repeat(i ? 9 : 0)}x]`,
    );
    expect(issuesOf(levels.join('\n'))[0]).toMatch(/^CONFIG_SYNTAX/);
  });

  it('reads well in both languages', () => {
    const details = {
      file: 'a.yaml',
      line: 3,
      column: 9,
      field: 'status.port',
      rule: 'at-most',
      limit: 65535,
      because: ' (R34)',
    };
    expect(render('CONFIG_RULE', details, 'en').what).toBe(
      'a.yaml:3:9: "status.port" must be at most 65535 (R34)',
    );
    expect(render('CONFIG_RULE', details, 'vi').what).toBe(
      'a.yaml:3:9: "status.port" không hợp lệ; yêu cầu: không lớn hơn 65535 (R34)',
    );
  });
});

it('the JSON Schema for editors is the one that the code makes (test/cli/write-schemas.ts)', async () => {
  const published: unknown = JSON.parse(await readFile('config/agent.schema.json', 'utf8'));
  expect(published).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});

it('names each fault of what grows', () => {
  const space = 'spaces:\n  - space: "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"\n    folder: /srv/a\n';
  expect(issuesOf(`${space}    growing: "*.log"`)).toEqual(['CONFIG_TYPE 4:14 spaces[0].growing list']);
  expect(issuesOf(`${space}    growing: [""]`)).toEqual([
    'CONFIG_RULE 4:15 spaces[0].growing[0] at-least-characters',
  ]);
});

it('names each fault of the syslog collector', () => {
  expect(issuesOf('audit:\n  syslog:\n    host: "a b"\n    ca: ca.pem\n    cert: /c.pem')).toEqual([
    'CONFIG_MISSING_KEY 3:5 audit.syslog.key cert-and-key',
    'CONFIG_RULE 3:11 audit.syslog.host host-name',
    'CONFIG_RULE 4:9 audit.syslog.ca absolute-path',
  ]);
});
