/** One event of every type, with an item's name wherever one could be. */
import type { AgentEvent } from '#agent/core/event.ts';
import { me, space, them } from './sample-facts.ts';

export const secret = 'Lương tháng 11/danh sách.xlsx';
/** Names under every key that an emitter might think of. */
export const details = {
  path: secret,
  name: secret,
  file: secret,
  from: secret,
  to: secret,
  target: secret,
  item: secret,
  copy: secret,
  dir: secret,
  detail: secret,
  message: secret,
  errno: 'EIO',
  items: 7,
};

export const everyEvent: AgentEvent[] = [
  { type: 'agent.started', agency: 'H29.12', node: me, role: 'agent' },
  { type: 'agent.ready' },
  { type: 'scan.done', space, items: 5, changed: 1, ms: 12.5 },
  { type: 'published', space, changes: 2, seq: 9 },
  { type: 'received', space, from: them, records: 3 },
  { type: 'applied', space, items: 3, bytes: 300 },
  { type: 'problem', space, problem: { code: 'NAME_CLASH', path: secret, details } },
  { type: 'problem.cleared', space, path: secret },
  { type: 'conflict', space, path: secret, copy: `${secret} (xung đột)` },
  { type: 'halted', space, halt: { code: 'MASS_DELETE_LOCAL', details, needsRelease: true } },
  { type: 'released', space, code: 'MASS_DELETE_LOCAL', by: 'an', reason: 'dọn theo kế hoạch' },
  { type: 'halt.ended', space, code: 'STORE_ROOT_GONE' },
  { type: 'peer.up', peer: them, url: 'https://a' },
  { type: 'peer.down', peer: them, url: 'https://a', code: 'PEER_UNREACHABLE', details },
  { type: 'refused', code: 'TLS_VERSION', details },
  { type: 'wire', peer: them, direction: 'in', bytes: 100 },
  { type: 'error', code: 'DISK_FULL', details },
  { type: 'note', code: 'STORE_WATCH_BUDGET', details },
  { type: 'agent.stopping', reason: 'SIGTERM' },
];
