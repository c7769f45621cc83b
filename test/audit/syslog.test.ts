/** R25: the audit log at a real collector over TLS, each record at least once, whatever happens in between. */
import { expect, it } from 'vitest';
import { recordsAfter } from '#agent/audit/records-after.ts';
import { SyslogFeed, type SyslogParts } from '#agent/audit/syslog-feed.ts';
import { syslogFrame } from '#agent/audit/syslog-line.ts';
import type { CollectorKeys } from '#agent/audit/syslog-link.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import { parseDigest } from '#agent/core/ids.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { nodeNamed } from '#test/exchange/sample-feed.ts';
import { until } from '#test/exchange/until.ts';
import { BreakingWire } from './breaking-wire.ts';
import { Authority, Collector } from './collector.ts';
import { LogUnderTest } from './writer.ts';

const source = { agency: 'H29.12', node: nodeNamed('a'), hostname: 'may-chu-12' };
const times = { lookMs: 10, retryMs: 10, longestMs: 40 };
const authority = await Authority.create(systemClock.now());
const pem = await authority.issue('localhost');

/** What a database would keep of the feed. */
class Rows {
  readonly rows = new Map<string, string>();
  getMeta = async (name: string) => this.rows.get(name);
  putMeta = async (name: string, value: string) => void this.rows.set(name, value);
}

class FeedUnderTest implements AsyncDisposable {
  readonly events: AgentEvent[] = [];
  readonly feed: SyslogFeed;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(
    t: LogUnderTest,
    port: number,
    parts: Partial<SyslogParts> & { keys?: SyslogParts['keys'] } = {},
  ) {
    this.feed = new SyslogFeed({
      ...{ disk: t.parts.disk, dir: t.dir, source, times, clock: systemClock, known: new Rows() },
      collector: { host: 'localhost', port },
      keys: keysOf(authority),
      head: () => t.log.head,
      emit: (event) => void this.events.push(event),
      ...parts,
    });
    this.#running = this.feed.run(this.#stop.signal);
  }

  codes(): string[] {
    return this.events.flatMap((event) => ('code' in event ? [event.code] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('over'));
    await this.#running;
  }
}

const keysOf =
  (ca: Authority, more: Partial<CollectorKeys> = {}) =>
  async (): Promise<CollectorKeys> => ({ ca: Buffer.from(ca.pem), ...more });

const seqOf = (message: string): number => Number(/ seq="(\d+)"/.exec(message)?.[1]);
const seqs = (messages: readonly string[]): number[] =>
  [...new Set(messages.map(seqOf))].sort((a, b) => a - b);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

it('arrives with the e-ID, one message for each record, and follows the log', async () => {
  await using t = await LogUnderTest.create();
  await using collector = await Collector.listen(pem);
  await t.write(3);
  await using f = new FeedUnderTest(t, collector.port);
  await until(() => collector.messages.length === 3);
  await t.log.append('halted', { code: 'MASS_DELETE_LOCAL', space: 'ab' });
  await until(() => collector.messages.length === 4);
  await until(() => f.feed.facts().behind === 0);
  expect(collector.messages.map(seqOf)).toEqual([1, 2, 3, 4]);
  const [first = '', , , last = ''] = collector.messages;
  // Facility 13, severity 6: 110. RFC 5424 §6.
  expect(first).toMatch(
    /^<110>1 \d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z may-chu-12 dongbo - supplied \[dongbo@32473 eId="H29\.12" /,
  );
  expect(last).toMatch(
    /^<108>1 .* halted \[.* eId="H29\.12" .* code="MASS_DELETE_LOCAL" space="ab"\] halted MASS_DELETE_LOCAL$/,
  );
  expect(f.feed.facts()).toEqual({ sent: 4, behind: 0 });
  expect(f.codes()).toEqual([]);
});

it('keeps everything while the collector is away, says so once, and brings it afterwards', async () => {
  await using t = await LogUnderTest.create();
  const first = await Collector.listen(pem);
  const { port } = first;
  await using f = new FeedUnderTest(t, port);
  await t.write(5);
  await until(() => first.messages.length === 5);
  await first[Symbol.asyncDispose]();
  await t.write(5);
  await until(() => f.feed.facts().code === 'SYSLOG_UNREACHABLE');
  await Promise.all(upTo(2000).map((n) => t.log.append('supplied', { n })));
  expect(f.feed.facts().behind).toBeGreaterThanOrEqual(2000);
  await using second = await Collector.listen({ ...pem, port });
  await until(() => f.feed.facts().behind === 0);
  const all = [...first.messages, ...second.messages];
  expect(seqs(all)).toEqual(upTo(2010));
  expect(f.codes()).toEqual(['SYSLOG_UNREACHABLE', 'SYSLOG_REACHED']);
  expect(f.events[0]).toMatchObject({ details: { host: 'localhost', port, cause: 'ECONNREFUSED' } });
});

it('brings again what may not have arrived when the connection broke', async () => {
  await using t = await LogUnderTest.create();
  await using collector = await Collector.listen(pem);
  await using wire = await BreakingWire.to(collector.port);
  await Promise.all(upTo(200).map((n) => t.log.append('supplied', { n, text: 'x'.repeat(400) })));
  wire.breaks = { times: 3, afterBytes: 60_000 };
  await using f = new FeedUnderTest(t, wire.port);
  await until(() => f.feed.facts().behind === 0);
  expect(wire.broken).toBe(3);
  expect(seqs(collector.messages)).toEqual(upTo(200));
  expect(collector.messages.length).toBeGreaterThan(200);
  expect(f.codes()).toEqual(['SYSLOG_UNREACHABLE', 'SYSLOG_REACHED']);
});

it('goes on after a restart where it was, and from the start for another collector or a new log', async () => {
  await using t = await LogUnderTest.create();
  await using collector = await Collector.listen(pem);
  await using other = await Collector.listen(pem);
  const known = new Rows();
  const run = async (port: number) => {
    await using f = new FeedUnderTest(t, port, { known });
    await until(() => f.feed.facts().behind === 0 && f.feed.facts().sent > 0);
  };
  await t.write(4);
  await run(collector.port);
  await t.write(2);
  await run(collector.port);
  expect(collector.messages.map(seqOf)).toEqual(upTo(6));
  await run(other.port);
  expect(other.messages.map(seqOf)).toEqual(upTo(6));
  known.rows.set('audit/syslog', JSON.stringify({ collector: `localhost:${other.port}`, seq: 99 }));
  await run(other.port);
  expect(other.messages.map(seqOf)).toEqual([...upTo(6), ...upTo(6)]);
});

it.each([
  ['an authority of the same name that did not issue its certificate', 'CERT_SIGNATURE_FAILURE', 'localhost'],
  ['a certificate of another name', 'ERR_TLS_CERT_ALTNAME_INVALID', 'elsewhere.example'],
] as const)('tells nothing to a collector with %s', async (what, cause, name) => {
  await using t = await LogUnderTest.create();
  await using collector = await Collector.listen(await authority.issue(name));
  await t.write(3);
  const trusted = what.startsWith('an authority') ? await Authority.create(systemClock.now()) : authority;
  await using f = new FeedUnderTest(t, collector.port, { keys: keysOf(trusted) });
  await until(() => f.feed.facts().code === 'SYSLOG_UNREACHABLE');
  expect(f.events).toMatchObject([{ type: 'error', code: 'SYSLOG_UNREACHABLE', details: { cause } }]);
  expect(collector.messages).toEqual([]);
});

it('shows its own certificate where the collector asks for one, and only then is heard', async () => {
  await using t = await LogUnderTest.create();
  await using collector = await Collector.listen({ ...pem, clientCa: authority.pem });
  await t.write(2);
  {
    await using without = new FeedUnderTest(t, collector.port);
    await until(() => without.feed.facts().code === 'SYSLOG_UNREACHABLE');
  }
  expect(collector.messages).toEqual([]);
  const { cert, key } = await authority.issue('node.example');
  const keys = keysOf(authority, { cert: Buffer.from(cert), key: Buffer.from(key) });
  await using f = new FeedUnderTest(t, collector.port, { keys });
  await until(() => f.feed.facts().behind === 0);
  expect(collector.messages.map(seqOf)).toEqual([1, 2]);
  expect(collector.callers).toEqual(new Set(['node.example']));
});

it('writes any record as one well-formed message', () => {
  const digest = parseDigest('ab'.repeat(32));
  const fields = {
    ...{ reason: 'dọn "hồ sơ" [cũ]\\ \n<13>1 forged', seq: 7, times: 3 },
    ...{ 'a "very" long=name] that nobody would give a field': true },
  };
  const at = { seq: 1, time: '2026-07-01T02:03:04.000005Z', prev: digest, hash: digest };
  const frame = Buffer.from(syslogFrame({ ...at, type: 'đã gỡ', fields }, { ...source, hostname: '' }));
  const [, length = '', message = ''] = /^(\d+) (.*)$/s.exec(frame.toString('utf8')) ?? [];
  expect(Buffer.byteLength(message)).toBe(Number(length));
  // RFC 5424 §6: PRI, version, then five fields of printable ASCII, then one element of structured data.
  expect(message).toMatch(
    /^<109>1 \S+Z - dongbo - [!-~]+ \[dongbo@32473( [!-<>-\\^-~]{1,32}="([^"\\\]]|\\["\\\]])*")+\] [^\n]*$/,
  );
  expect(message).toContain('reason="dọn \\"hồ sơ\\" [cũ\\]\\\\ \u{fffd}<13>1 forged"');
  expect(message).toContain(' record.seq="7"');
  const names = [...message.matchAll(/ ([!-~]+)="/g)].map(([, name]) => name);
  expect(new Set(names).size).toBe(names.length);
});

it('reads the log from any record on, over files, and from where it stopped', async () => {
  await using t = await LogUnderTest.create({ maxBytes: 65_536 });
  await t.write(80);
  expect((await t.files()).length).toBeGreaterThan(2);
  for (const seq of [0, 1, 39, 79, 80]) {
    const found: number[] = [];
    for await (const { record } of recordsAfter(t.parts, { seq }, 79)) found.push(record.seq);
    expect(found).toEqual(upTo(79).slice(seq));
  }
  const step = async (from: Parameters<typeof recordsAfter>[1]) => {
    for await (const { record, cursor } of recordsAfter(t.parts, from, 80))
      return { seq: record.seq, cursor };
    return undefined;
  };
  const walked: number[] = [];
  for (let at = await step({ seq: 0 }); at; at = await step(at.cursor)) walked.push(at.seq);
  expect(walked).toEqual(upTo(80));
});
