/** Invariant 14 at the doors of a node: on record before it is given, and nothing is given without a record. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { AgentEvent } from '#agent/core/event.ts';
import { parseChunkId } from '#agent/core/ids.ts';
import { AuditHeads } from '#agent/cycle/audit-heads.ts';
import { AuditMemory } from '#agent/cycle/audit-memory.ts';
import { auditParts } from '#agent/cycle/audit-parts.ts';
import { AuditTrail } from '#agent/cycle/audit-trail.ts';
import { AuditedBackend } from '#agent/cycle/audited-backend.ts';
import { AuditedLinkLocal } from '#agent/cycle/audited-link-local.ts';
import { ContentTally } from '#agent/cycle/content-tally.ts';
import { NodeLinkLocal } from '#agent/cycle/link-local.ts';
import { PeerBook } from '#agent/cycle/peer-book.ts';
import { ServeBackend } from '#agent/cycle/serve-backend.ts';
import { WantList } from '#agent/cycle/wanted.ts';
import { EventHub } from '#agent/exchange/event-hub.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { systemRandom as random } from '#agent/sys/random.ts';
import { diskWith, errno } from '#test/apply/disk-with-faults.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { agree, type Members, TestNode } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

const members: Members = [
  ['H29.12', 'publish', 'subscribe'],
  ['H29.13', 'publish', 'subscribe'],
  ['H29', 'relay'],
];
const { signal } = new AbortController();
const owned: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** A relay with its audit log, whose disk fails while `fault.on`. */
async function relay() {
  const { parties, agreement } = await agree(...members);
  const party = (i: number) => parties[i] as Identity;
  const me = party(2);
  const node = await TestNode.open(me, agreement);
  const dir = await temporaryDir();
  const state = await State.open(dir.path, { node: me.node });
  const vault = await Vault.open(join(dir.path, 'vault'), state);
  const { clock } = node;
  const book = await AgreementBook.open(join(dir.path, 'agreements'), me, clock);
  await book.accept(agreement);
  const fault = { on: false };
  const disk = diskWith((call, path) => {
    if (fault.on && call === 'write' && path.includes('/audit/')) throw errno('ENOSPC');
  });
  const events: AgentEvent[] = [];
  const emit = (event: AgentEvent) => void events.push(event);
  const place = { state: dir.path, audit: { maxBytes: 2 ** 20 }, clock, random, disk };
  const more = { agency: me.agency, book, retentionMonths: 24, emit };
  const trail = await AuditTrail.open({ ...auditParts(place, me), ...more });
  owned.push(dir, node, state, vault, trail);
  const space = () => node.own;
  const peers = new PeerBook(clock);
  const serving = {
    role: 'relay',
    space,
    vault,
    wanted: new WantList(),
    hub: new EventHub(),
    peers,
  } as const;
  const content = new ContentTally(trail, clock, me.node);
  const common = { state: dir.path, disk, random, clock, known: state, emit, trail };
  const heads = await AuditHeads.open({ ...common, me: me.node });
  owned.push(heads);
  const parts = { trail, heads, content, clock, me: me.node, space };
  const backend = new AuditedBackend(new ServeBackend(serving), parts);
  const keyring = new Keyring({
    identity: me,
    store: state.secrets,
    random,
    clock,
    suiteOf: () => 'nacl-pq',
  });
  const local = new AuditedLinkLocal(new NodeLinkLocal({ identity: me, keyring, peers, space }), parts);
  const records = async () => {
    const texts = (await readdir(join(dir.path, 'audit')))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readFile(join(dir.path, 'audit', name), 'utf8'));
    const lines = (await Promise.all(texts)).join('').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as { type: string; fields: Record<string, unknown> });
  };
  const ofType = async (type: string) => (await records()).filter((record) => record.type === type);
  return {
    ...{ backend, local, trail, content, vault, state },
    agreement,
    party,
    fault,
    ofType,
    events,
    clock,
  };
}

it('has what it takes and what it gives on record, once each', async () => {
  const { backend, agreement, party, ofType } = await relay();
  const { space } = agreement;
  const { segment, head } = new SignedFeed(party(0), agreement).filled(2);
  await backend.pushSegments(party(0).node, space, [segment], head, signal);
  await backend.pushSegments(party(0).node, space, [segment], head, signal);
  expect(await ofType('received')).toMatchObject([
    { fields: { supplierAgency: 'H29.12', requesterAgency: 'H29', form: 'push', records: 2 } },
  ]);
  const served = backend.segments(party(1).node, space, head.origin, 1, signal);
  expect(await ofType('supplied')).toEqual([]);
  await served.next();
  expect(await ofType('supplied')).toMatchObject([
    { fields: { requesterAgency: 'H29.13', supplierAgency: 'H29', form: 'fetch', label: 'INTERNAL' } },
  ]);
  await served.return(undefined);
});

it('counts content, not pieces', async () => {
  const { backend, agreement, party, vault, content, clock, ofType } = await relay();
  const { space } = agreement;
  const ids = ['aa', 'bb', 'cc'].map((two) => parseChunkId(two.repeat(32)));
  await vault.put(
    space,
    party(0).node,
    ids.map((id) => ({ id, sealed: Buffer.alloc(1000) })),
  );
  for (let i = 0; i < 5; i++)
    for await (const _ of backend.getChunks(party(1).node, space, party(0).node, ids, signal));
  expect(await ofType('content.begun')).toHaveLength(1);
  expect(await ofType('content')).toEqual([]);
  clock.ms += 60_000;
  await content.settle();
  expect(await ofType('content')).toMatchObject([{ fields: { records: 15, bytes: 15_000 } }]);
});

it('gives and takes nothing while the log cannot be written, and goes on by itself', async () => {
  const { backend, local, agreement, party, trail, fault, events, ofType } = await relay();
  const { space } = agreement;
  const { node } = party(1);
  const feed = new SignedFeed(party(0), agreement);
  const { segment, head } = feed.filled(2);
  await backend.pushSegments(party(0).node, space, [segment], head, signal);
  fault.on = true;
  const served = backend.segments(node, space, head.origin, 1, signal);
  await expect(served.next()).rejects.toMatchObject({ code: 'PEER_BUSY' });
  expect(trail.halt()).toMatchObject({ code: 'AUDIT_UNWRITABLE', needsRelease: false });
  const busy = { code: 'PEER_BUSY' };
  const next = feed.filled(1);
  await expect(backend.heads(node, space, signal)).rejects.toMatchObject(busy);
  await expect(backend.getChunks(node, space, node, [], signal).next()).rejects.toMatchObject(busy);
  await expect(backend.missing(node, space, [], signal)).rejects.toMatchObject(busy);
  await expect(backend.pushReceipts(node, space, [], signal)).rejects.toMatchObject(busy);
  await expect(backend.events(node, signal).next()).rejects.toMatchObject(busy);
  const push = () => backend.pushSegments(party(0).node, space, [next.segment], next.head, signal);
  await expect(push()).rejects.toMatchObject(busy);
  const stopped = { code: 'AUDIT_UNWRITABLE' };
  await expect(local.offers(space, node)).rejects.toMatchObject(stopped);
  await expect(local.receipts(space)).rejects.toMatchObject(stopped);
  await expect(
    local.sealed(space, { author: node, id: parseChunkId('aa'.repeat(32)) }, signal),
  ).rejects.toMatchObject(stopped);
  await trail.tick();
  expect(events.filter(({ type }) => type === 'halted')).toMatchObject([{ space, halt: stopped }]);
  fault.on = false;
  await trail.tick();
  expect(trail.halt()).toBeUndefined();
  expect(events.filter(({ type }) => type === 'halt.ended')).toHaveLength(1);
  await push();
  await trail.tick();
  expect(await ofType('sharing.stopped')).toHaveLength(1);
  expect(await ofType('sharing.resumed')).toHaveLength(1);
});

it('puts a push that is tried again on record once, and a later one anew', async () => {
  const { backend, local, agreement, party, ofType } = await relay();
  const { space } = agreement;
  const { node } = party(1);
  const { segment, head } = new SignedFeed(party(0), agreement).filled(2);
  await backend.pushSegments(party(0).node, space, [segment], head, signal);
  const once = async () => {
    for await (const _ of local.outgoing(space, head.origin, 1, signal, node)) break;
  };
  await once();
  await once();
  expect(await ofType('supplied')).toMatchObject([{ fields: { form: 'push', requester: node } }]);
  await local.delivered(space, node, head);
  await once();
  expect(await ofType('supplied')).toHaveLength(2);
});

it('counts refusals by caller, with the agency of a member', async () => {
  const { trail, agreement, party, ofType, clock } = await relay();
  const { space } = agreement;
  const details = { peer: party(1).node, space };
  for (let i = 0; i < 20; i++) trail.hear({ type: 'refused', code: 'AGREEMENT_MISMATCH', details });
  trail.hear({ type: 'refused', code: 'TLS_UNKNOWN_CERTIFICATE', details: { address: '10.0.0.9' } });
  clock.ms += 60_000;
  await trail.tick();
  expect(await ofType('refused')).toMatchObject([
    { fields: { code: 'AGREEMENT_MISMATCH', agency: 'H29.13', times: 1 } },
    { fields: { code: 'TLS_UNKNOWN_CERTIFICATE', address: '10.0.0.9', times: 1 } },
    { fields: { code: 'AGREEMENT_MISMATCH', agency: 'H29.13', times: 19 } },
  ]);
});

it('has halts, their end, and problems by code on record, and no item', async () => {
  const { trail, agreement, ofType, clock } = await relay();
  const { space } = agreement;
  const halt = { code: 'MASS_DELETE_LOCAL', details: { path: 'mật.txt' }, needsRelease: true };
  trail.hear({ type: 'halted', space, halt });
  trail.hear({ type: 'halt.ended', space, code: halt.code });
  const problem = { code: 'LABEL_MISSING', path: 'mật.txt', details: {} };
  for (let i = 0; i < 30; i++) trail.hear({ type: 'problem', space, problem });
  trail.hear({ type: 'problem', space, problem: { ...problem, code: 'NAME_CLASH' } });
  clock.ms += 60_000;
  await trail.tick();
  expect(await ofType('halted')).toMatchObject([{ fields: { space, code: halt.code } }]);
  expect(await ofType('halt.ended')).toMatchObject([{ fields: { space, code: halt.code } }]);
  expect((await ofType('problem')).map(({ fields }) => fields)).toEqual([
    { space, code: 'LABEL_MISSING', times: 1 },
    { space, code: 'NAME_CLASH', times: 1 },
    { space, code: 'LABEL_MISSING', times: 29 },
  ]);
});

it('says so when the log was taken away whole', async () => {
  const { trail, state, events, ofType } = await relay();
  await state.putMeta('audit/head', '4711');
  const memory = new AuditMemory({ trail, known: state, emit: (e) => void events.push(e) });
  await memory.keep();
  await memory.keep();
  expect(await ofType('log.lost')).toMatchObject([{ fields: { lastKnown: 4711 } }]);
  expect(events).toMatchObject([{ type: 'error', code: 'AUDIT_LOST' }]);
});
