/** A relay with its audit log on a disk that fails when it is told to, without the wire. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentEvent } from '#agent/core/event.ts';
import { AuditHeads } from '#agent/cycle/audit-heads.ts';
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

const members: Members = [
  ['H29.12', 'publish', 'subscribe'],
  ['H29.13', 'publish', 'subscribe'],
  ['H29', 'relay'],
];

/** Its disk fails while `fault.on`. What it opens goes to `owned`. */
export async function auditedRelay(owned: AsyncDisposable[]) {
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
    wanted: new WantList(clock),
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
