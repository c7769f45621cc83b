/** The audit log of real nodes: what is on record, who can read it, and that without it nothing flows. */
import { appendFile, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { columns } from '#agent/cli/audit-export.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { Authority, Collector } from '#test/audit/collector.ts';
import type { Cluster } from './cluster.ts';
import type { Daemon } from './daemon.ts';
import { settled } from './settle.ts';
import { withCluster } from './with-cluster.ts';

const limit = 240_000;

interface Exported {
  readonly type: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

const audit = (daemon: Daemon, command: string, ...args: string[]): Promise<string> =>
  daemon.dongbo('audit', command, '--config', daemon.configFile, ...args);

async function exported(daemon: Daemon, ...args: string[]): Promise<Exported[]> {
  const text = await audit(daemon, 'export', '--format', 'json', ...args);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Exported);
}

async function wholeLog(daemon: Daemon): Promise<string> {
  const dir = join(daemon.state, 'audit');
  const texts = await Promise.all((await readdir(dir)).map((name) => readFile(join(dir, name), 'utf8')));
  return texts.join('');
}

const haltOf = async (daemon: Daemon): Promise<string | undefined> =>
  (await daemon.status())?.spaces[0]?.halt?.code;

async function started(cluster: Cluster): Promise<void> {
  await writeFile(join(cluster.folders[0], 'Công văn mật danh 17.txt'), 'Nội dung không ai được thấy');
  cluster.start();
  await settled(cluster);
}

it('has each sharing on record, no name and no content (R14, R22, R23)', { timeout: limit }, () =>
  withCluster({ route: 'relay' }, async (cluster) => {
    const { a, b, relay } = cluster;
    if (!relay) throw new Error('no relay');
    await started(cluster);
    for (const daemon of cluster.daemons) {
      expect(await audit(daemon, 'verify')).toContain('whole and unchanged');
      expect(await wholeLog(daemon)).not.toMatch(/mật danh|không ai được thấy/);
    }
    const sharings = [...(await exported(a)), ...(await exported(relay)), ...(await exported(b))];
    for (const { fields } of sharings)
      for (const name of columns) expect(String(fields[name] ?? ''), name).not.toBe('');
    const forms = new Set(sharings.map(({ type, fields }) => `${type} ${fields.form}`));
    for (const form of [
      'supplied push',
      'supplied fetch',
      'received push',
      'received fetch',
      'receipt receipt',
    ])
      expect(forms).toContain(form);
    expect(await exported(relay, '--agency', 'H29.14')).toEqual([]);
    expect((await exported(relay, '--agency', 'H29.13')).length).toBeGreaterThan(0);
    expect(await audit(relay, 'export', '--agency', 'H29.13')).toMatch(/^"seq","time","type","asked"/);
    const shown = await audit(a, 'show');
    for (const type of ['agreement.accepted', 'epoch.granted', 'log.read']) expect(shown).toContain(type);
    expect(shown).toContain('by=tester');
    await a.stop();
    expect(await audit(a, 'show')).toContain('node.stopped');
    expect((await audit(a, 'show')).match(/log\.read/g)?.length).toBeGreaterThan(
      shown.match(/log\.read/g)?.length ?? 0,
    );
    expect(await audit(a, 'verify')).toContain('whole and unchanged');
    a.start();
    for (let i = 0; i < 4; i++) {
      await a.ready();
      await writeFile(join(cluster.folders[0], `killed ${i}.txt`), `${i}`);
      await delay(300 * i);
      await a.stop('SIGKILL');
      a.start();
    }
    await settled(cluster);
    expect(await audit(a, 'verify')).toContain('whole and unchanged');
  }),
);

it('stops while the log cannot be written, and goes on by itself', { timeout: limit }, () =>
  withCluster({ route: 'direct' }, async (cluster) => {
    const { a } = cluster;
    await started(cluster);
    const dir = join(a.state, 'audit');
    await rename(dir, `${dir}.away`);
    await writeFile(dir, 'no directory');
    await writeFile(join(cluster.folders[0], 'later.txt'), 'later');
    await cluster.until('a named halt', async () => (await haltOf(a)) === 'AUDIT_UNWRITABLE', 30);
    await writeFile(join(cluster.folders[1], 'theirs.txt'), 'theirs');
    await delay(5_000);
    expect(await readdir(cluster.folders[1])).not.toContain('later.txt');
    expect(await readdir(cluster.folders[0])).not.toContain('theirs.txt');
    await rm(dir);
    await rename(`${dir}.away`, dir);
    await settled(cluster);
    expect(await haltOf(a)).toBeUndefined();
    expect(await audit(a, 'verify')).toContain('whole and unchanged');
    expect(await audit(a, 'show')).toContain('log.resumed');
  }),
);

it('warns at 80 % and stops at 100 % of its space (R23)', { timeout: limit }, () =>
  withCluster({ route: 'direct' }, async (cluster) => {
    const { a } = cluster;
    const config = await readFile(a.configFile, 'utf8');
    await appendFile(a.configFile, 'audit:\n  maxBytes: 65536\n');
    await started(cluster);
    const seen = new Set<string | undefined>();
    await cluster.until('the log to be full', async () => {
      await audit(a, 'show', '--from', '2099-01-01');
      seen.add((await a.status())?.audit?.code);
      return seen.has('AUDIT_FULL');
    });
    expect(seen).toContain('AUDIT_NEARLY_FULL');
    await cluster.until('the warning in the log', async () =>
      (await readFile(a.logFile, 'utf8')).includes('AUDIT_NEARLY_FULL'),
    );
    expect(await haltOf(a)).toBe('AUDIT_FULL');
    await writeFile(join(cluster.folders[0], 'later.txt'), 'later');
    await delay(5_000);
    expect(await readdir(cluster.folders[1])).not.toContain('later.txt');
    await a.stop();
    await writeFile(a.configFile, config);
    a.start();
    await settled(cluster);
    expect(await audit(a, 'verify')).toContain('whole and unchanged');
  }),
);

const metric = async (daemon: Daemon, name: string): Promise<number> => {
  const text = await (
    await fetch(`${daemon.statusUrl}/metrics`, { signal: AbortSignal.timeout(20_000) })
  ).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

it('brings its log to a collector, and shares on while that is away (R25)', { timeout: limit }, () =>
  withCluster({ route: 'direct' }, async (cluster) => {
    const { a } = cluster;
    const authority = await Authority.create(systemClock.now());
    const pem = await authority.issue('localhost');
    await using first = await Collector.listen(pem);
    const { port } = first;
    const ca = join(a.options.dir, 'siem-ca.pem');
    await writeFile(ca, authority.pem);
    const syslog = `  syslog:\n    host: localhost\n    port: ${port}\n    ca: ${ca}\n`;
    await appendFile(a.configFile, `audit:\n${syslog}`);
    await started(cluster);
    const behind = async () => (await a.status())?.audit?.syslog?.behind;
    await cluster.until('the collector has all', async () => (await behind()) === 0);
    await first[Symbol.asyncDispose]();
    await writeFile(join(cluster.folders[0], 'khi máy thu vắng.txt'), 'vẫn chia sẻ');
    await settled(cluster);
    const code = async () => (await a.status())?.audit?.syslog?.code;
    await cluster.until('the outage is told', async () => (await code()) === 'SYSLOG_UNREACHABLE');
    expect(await metric(a, 'dongbo_syslog_reachable')).toBe(0);
    expect(await metric(a, 'dongbo_syslog_behind_records')).toBeGreaterThan(0);
    expect(await metric(a, 'dongbo_audit_used_ratio')).toBeGreaterThan(0);
    expect(await a.dongbo('status', '--config', a.configFile)).toContain('SYSLOG_BEHIND');
    await using second = await Collector.listen({ ...pem, port });
    await cluster.until('the collector has all again', async () => (await behind()) === 0, 90);
    const messages = [...first.messages, ...second.messages];
    expect(messages.filter((message) => !message.includes('eId="H29.12"'))).toEqual([]);
    expect(messages.join('\n')).not.toMatch(/mật danh|không ai được thấy|máy thu/);
    const seqs = new Set(messages.map((message) => Number(/ seq="(\d+)"/.exec(message)?.[1])));
    const { sent = 0 } = (await a.status())?.audit?.syslog ?? {};
    expect(Array.from({ length: sent }, (_, i) => i + 1).filter((seq) => !seqs.has(seq))).toEqual([]);
  }),
);

it('hears from its peers that its log was cut, head and all (R22)', { timeout: limit }, () =>
  withCluster({ route: 'direct' }, async (cluster) => {
    const { a, b } = cluster;
    await started(cluster);
    const dir = join(a.state, 'audit');
    await a.stop();
    await cp(dir, `${dir}.old`, { recursive: true });
    a.start();
    await writeFile(join(cluster.folders[0], 'later.txt'), 'later');
    await settled(cluster);
    await cluster.until('B has heard', async () => (await audit(a, 'verify')).includes('peers remember it'));
    await a.stop();
    await rm(dir, { recursive: true });
    await rename(`${dir}.old`, dir);
    const cut = await audit(a, 'verify').catch((error: unknown) => String(error));
    expect(cut).toMatch(/the end of the log is missing, from record \d+ on; H29\.13 has record \d+ signed/);
    a.start();
    const isCut = async () => /^AUDIT_(CUT_OFF|REPLACED)$/.test((await haltOf(a)) ?? '');
    await cluster.until('the halt', isCut);
    await writeFile(join(cluster.folders[0], 'after the cut.txt'), 'x');
    await delay(5_000);
    expect(await readdir(cluster.folders[1])).not.toContain('after the cut.txt');
    const halted = await a
      .dongbo('status', '--config', a.configFile)
      .catch((error: unknown) => String(error));
    expect(halted).toMatch(/H29\.13 (has record|remembers)/);
    await a.dongbo('release', cluster.space, '--config', a.configFile, '--reason', 'đã lập biên bản');
    await settled(cluster);
    expect(await readdir(cluster.folders[1])).toContain('after the cut.txt');
    expect(await audit(a, 'verify')).toContain('acknowledged by a person');
    expect(await audit(b, 'verify')).toContain('whole and unchanged');
  }),
);
