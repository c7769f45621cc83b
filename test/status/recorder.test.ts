/** The recorder: events in, metrics and snapshot out. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { statusLines } from '#agent/cli/status-text.ts';
import type { SpaceFacts } from '#agent/status/facts.ts';
import { snapshotSchema, statusJsonSchema } from '#agent/status/snapshot.ts';
import { everyEvent } from './sample-events.ts';
import { facts, me, peer, recording, space, startMs, them } from './sample-facts.ts';

describe('the snapshot', () => {
  it('follows its schema and names no item', async () => {
    const halt = {
      code: 'MASS_DELETE_LOCAL' as const,
      details: { deletes: 30, path: 'bí mật' },
      needsRelease: true,
    };
    const { recorder } = recording(() => [
      facts(),
      facts({ halt, problems: 2, problemCodes: { NAME_CLASH: 2 } }),
    ]);
    for (const event of everyEvent) recorder.emit(event);
    const snapshot = await recorder.snapshot();
    expect(snapshotSchema.parse(snapshot)).toEqual(snapshot);
    expect(snapshotSchema.parse(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot);
    expect(JSON.stringify(snapshot)).not.toMatch(/Lương|bí mật/);
    expect(snapshot.spaces[1]?.halt).toEqual({ ...halt, details: { deletes: 30 } });
  });

  it('shows the audit log, peers whose logs went back, and the collector; in the metrics too', async () => {
    const { recorder } = recording(() => [facts()]);
    const alarm = { code: 'PEER_AUDIT_WENT_BACK', peer: them, agency: 'H29.13', seq: 100, remembered: 140 };
    const syslog = { sent: 900, behind: 100, code: 'SYSLOG_UNREACHABLE' };
    const audit = { seq: 1000, bytes: 400, maxBytes: 1000, peers: [alarm], syslog };
    recorder.attach(
      async () => [facts()],
      () => audit,
    );
    const snapshot = await recorder.snapshot();
    expect(snapshotSchema.parse(snapshot).audit).toEqual(audit);
    const text = statusLines(snapshot, { lang: 'en' }).join('\n');
    expect(text).toContain(
      'The audit log of H29.13 ends at record 100; it once told this node of record 140',
    );
    expect(text).toContain('100 records of the audit log wait for it');
    const metrics = await recorder.metrics();
    for (const line of [
      'dongbo_audit_used_ratio 0.4',
      'dongbo_audit_max_bytes 1000',
      'dongbo_syslog_behind_records 100',
      'dongbo_syslog_reachable 0',
    ])
      expect(metrics).toContain(`${line}\n`);
  });

  it('says who, since when, and the worst state', async () => {
    const { recorder, clock } = recording(() => [facts(), facts({ pending: 3 })]);
    clock.ms = 5_000;
    expect(await recorder.snapshot()).toMatchObject({
      format: 1,
      version: '1.2.3',
      agency: 'H29.12',
      node: me,
      role: 'agent',
      time: new Date(startMs + 5_000).toISOString(),
      started: new Date(startMs).toISOString(),
      ready: true,
      state: 'syncing',
      reason: 'RECEIVING',
    });
  });

  it('is before the start, after it, and at the end: ready only between', async () => {
    let given: SpaceFacts[] = [];
    const { recorder } = recording(() => given);
    expect(await recorder.snapshot()).toMatchObject({ ready: true, state: 'waiting', reason: 'NO_SPACES' });
    given = [facts({ agreement: 'expired' })];
    expect(await recorder.snapshot()).toMatchObject({
      ready: false,
      unready: [{ space, reason: 'AGREEMENT_EXPIRED' }],
    });
    given = [facts()];
    expect((await recorder.snapshot()).ready).toBe(true);
    recorder.emit({ type: 'agent.stopping', reason: 'SIGTERM' });
    expect(await recorder.snapshot()).toMatchObject({ ready: false, unready: [{ reason: 'STOPPING' }] });
  });

  it('counts the bytes of each peer, and tells its last fault until the two are in step', async () => {
    let given = peer({ compared: false });
    const { recorder } = recording(() => [facts({ peers: [given] })]);
    const seen = async () => (await recorder.snapshot()).spaces[0]?.peers[0];
    recorder.emit({ type: 'wire', peer: them, direction: 'in', bytes: 5 });
    recorder.emit({ type: 'wire', peer: them, direction: 'out', bytes: 7 });
    recorder.emit({ type: 'wire', peer: them, direction: 'in', bytes: 1 });
    recorder.emit({ type: 'peer.down', peer: them, url: 'https://a', code: 'PEER_UNREACHABLE', details: {} });
    expect(await seen()).toMatchObject({ bytesIn: 6, bytesOut: 7, lastFault: 'PEER_UNREACHABLE' });
    recorder.emit({ type: 'peer.up', peer: them, url: 'https://a' });
    expect(await seen()).not.toHaveProperty('lastFault');
    recorder.emit({ type: 'error', code: 'AGREEMENT_MISMATCH', details: { space, peer: them } });
    expect(await seen()).toMatchObject({ lastFault: 'AGREEMENT_MISMATCH' });
    given = peer();
    expect(await seen()).not.toHaveProperty('lastFault');
  });

  it('tells when a change was last published or applied', async () => {
    const { recorder, clock } = recording();
    const last = async () => (await recorder.snapshot()).spaces[0]?.lastChange;
    expect(await last()).toBeUndefined();
    clock.ms = 1_000;
    recorder.emit({ type: 'received', space, from: them, records: 3 });
    expect(await last()).toBeUndefined();
    recorder.emit({ type: 'applied', space, items: 3, bytes: 300 });
    expect(await last()).toBe(new Date(startMs + 1_000).toISOString());
  });

  it('says what a reason is about: a refused agreement by name, a halt by its counts', async () => {
    const details = { space, name: 'Hồ sơ chung', notAfter: '2026-01-01T00:00:00.000Z' };
    const refusal = { code: 'AGREEMENT_EXPIRED', details };
    const { recorder } = recording(() => [facts({ agreement: 'expired', refusal, peers: [] })]);
    expect((await recorder.snapshot()).spaces[0]).toMatchObject({ reason: 'AGREEMENT_EXPIRED', details });
  });
});

describe('a stall', () => {
  it('begins when nothing has moved for a minute, and ends with the first progress', async () => {
    const { recorder, clock } = recording(() => [facts({ pending: 3 })]);
    const state = async () => (await recorder.snapshot()).state;
    clock.ms = 59_999;
    expect(await state()).toBe('syncing');
    clock.ms = 60_000;
    expect(await state()).toBe('stalled');
    recorder.emit({ type: 'applied', space, items: 1, bytes: 1 });
    expect(await state()).toBe('syncing');
  });

  it('is not hidden by the bytes of polling, but a slow large transfer is none', async () => {
    const { recorder, clock } = recording(() => [facts({ pending: 3 })]);
    const state = async () => (await recorder.snapshot()).state;
    const hear = (bytes: number) => {
      clock.ms += 1_000;
      recorder.emit({ type: 'wire', peer: them, direction: 'in', bytes });
    };
    for (let second = 0; second < 120; second++) hear(500);
    expect(await state()).toBe('stalled');
    for (let second = 0; second < 120; second++) hear(20_000);
    expect(await state()).toBe('syncing');
  });

  it('is not what a fresh link begins with', async () => {
    const { recorder, clock } = recording(() => [facts({ pending: 3 })]);
    clock.ms = 1_000_000;
    recorder.emit({ type: 'peer.up', peer: them, url: 'https://a' });
    expect((await recorder.snapshot()).state).toBe('syncing');
  });
});

describe('the metrics', () => {
  it('count what happened', async () => {
    const { recorder } = recording(() => [facts({ pending: 3, peers: [peer({ receiptSeq: 4 })] })]);
    for (const event of everyEvent) recorder.emit(event);
    const text = await recorder.metrics();
    for (const line of [
      `dongbo_space_items{space="${space}"} 100`,
      `dongbo_space_pending_items{space="${space}"} 3`,
      `dongbo_space_state{space="${space}",state="syncing"} 1`,
      `dongbo_space_state{space="${space}",state="in-step"} 0`,
      `dongbo_space_halted{space="${space}"} 0`,
      `dongbo_peer_unconfirmed_changes{space="${space}",peer="${them}",agency="H29.13"} 6`,
      `dongbo_wire_bytes_total{peer="${them}",direction="in"} 100`,
      `dongbo_published_changes_total{space="${space}"} 2`,
      `dongbo_received_records_total{space="${space}",peer="${them}"} 3`,
      `dongbo_applied_bytes_total{space="${space}"} 300`,
      `dongbo_scan_duration_seconds_sum{space="${space}"} 0.0125`,
      `dongbo_refused_total{code="TLS_VERSION"} 1`,
      'dongbo_ready 0',
      'dongbo_last_success_timestamp_seconds 0',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toMatch(/^dongbo_process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^dongbo_build_info\{version="1\.2\.3",node_version="v\d+\.[^"]+"\} 1$/m);
    expect(text).not.toMatch(/Lương/);
  });

  it('are named by the conventions of Prometheus: prefix, base units, _total for counters', async () => {
    const { recorder } = recording();
    const types = [...(await recorder.metrics()).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    expect(types.length).toBeGreaterThan(20);
    for (const [, name, type] of types) {
      expect(name).toMatch(/^dongbo_[a-z_]+$/);
      expect(name).not.toMatch(/_(ms|millis|milliseconds|kb|mb|minutes|percent)(_|$)/);
      expect(name?.endsWith('_total')).toBe(type === 'counter');
    }
  });

  it('forget what is gone, and remember the last success', async () => {
    let given = [facts()];
    const { recorder } = recording(() => given);
    expect(await recorder.metrics()).toContain(`dongbo_last_success_timestamp_seconds ${startMs / 1000}`);
    given = [];
    const text = await recorder.metrics();
    expect(text).not.toContain(`dongbo_space_items{space="${space}"}`);
    expect(text).toContain(`dongbo_last_success_timestamp_seconds ${startMs / 1000}`);
  });
});

it('the JSON Schema of /status is the one that the code makes (test/cli/write-schemas.ts)', async () => {
  const published: unknown = JSON.parse(await readFile('config/status.schema.json', 'utf8'));
  expect(published).toEqual(JSON.parse(JSON.stringify(statusJsonSchema())));
});
