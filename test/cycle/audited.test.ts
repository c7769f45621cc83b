/** Invariant 14 at the doors of a node: on record before it is given, and nothing is given without a record. */

import { afterEach, expect, it } from 'vitest';
import { parseChunkId } from '#agent/core/ids.ts';
import { AuditMemory } from '#agent/cycle/audit-memory.ts';
import { auditedRelay } from './audited-relay.ts';
import { streamOf } from '#test/exchange/sample-feed.ts';
import { SignedFeed } from './signed-feed.ts';

const { signal } = new AbortController();
const owned: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]();
});
const relay = () => auditedRelay(owned);

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
  expect(trail.halt()).toMatchObject({ code: 'AUDIT_UNWRITABLE' as const, needsRelease: false });
  const busy = { code: 'PEER_BUSY' };
  const next = feed.filled(1);
  await expect(backend.heads(node, space, signal)).rejects.toMatchObject(busy);
  await expect(backend.getChunks(node, space, node, [], signal).next()).rejects.toMatchObject(busy);
  await expect(backend.missing(node, space, [], signal)).rejects.toMatchObject(busy);
  await expect(backend.pushReceipts(node, space, [], signal)).rejects.toMatchObject(busy);
  await expect(backend.putChunks(party(0).node, space, streamOf([]), signal)).rejects.toMatchObject(busy);
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
  const halt = { code: 'MASS_DELETE_LOCAL' as const, details: { path: 'mật.txt' }, needsRelease: true };
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
