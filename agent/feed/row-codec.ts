/**
 * A row as bytes: nine bytes for the counts (local kind, size), then CBOR. Trees in step hold the same state and
 * content, so `agreed` and `remote` say null for "as local".
 */
import { decode, encode } from '#agent/core/codec.ts';
import {
  type AgreedState,
  type Content,
  type ItemState,
  type LocalState,
  type RemoteRecord,
  type RemoteState,
  type Row,
  sameState,
  type Withdrawn,
} from '#agent/core/item.ts';
import { compareVersions } from '#agent/core/version.ts';
import {
  contentFrom,
  contentValue,
  factsFrom,
  factsValue,
  originFrom,
  originValue,
  stateFrom,
  stateValue,
  versionFrom,
  versionValue,
} from './state-codec.ts';
import { Tuple } from './tuple.ts';

/** What a row adds to the counts of its space. */
export interface Measure {
  readonly items: number;
  readonly files: number;
  readonly bytes: number;
}

const nothing: Measure = { items: 0, files: 0, bytes: 0 };
const measureBytes = 9;
const present = { other: 1, file: 2 } as const;
const asLocal = null;
const absent = 0;

export const isEmpty = (row: Row): boolean => !row.local && !row.agreed && !row.remote && !row.withdrawn;

export function encodeRow(row: Row): Uint8Array {
  const { local, agreed, remote, withdrawn } = row;
  const body = encode([
    local ? localValue(local) : absent,
    agreed ? agreedValue(agreed, local) : absent,
    remote ? remoteValue(remote, local) : absent,
    ...(withdrawn ? [withdrawn.map(withdrawnValue)] : []),
  ]);
  const bytes = new Uint8Array(measureBytes + body.length);
  const state = local?.state;
  if (state?.kind === 'file') new DataView(bytes.buffer).setFloat64(1, state.size);
  if (state && state.kind !== 'gone') bytes[0] = state.kind === 'file' ? present.file : present.other;
  bytes.set(body, measureBytes);
  return bytes;
}

/** Reads only the first bytes of an encoded row. Items are what is on disk: local and not gone. */
export function measureOf(bytes: Uint8Array | undefined): Measure {
  if (!bytes || bytes[0] === 0) return nothing;
  if (bytes[0] !== present.file) return { items: 1, files: 0, bytes: 0 };
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getFloat64(1);
  return { items: 1, files: 1, bytes: size };
}

/** Throws STATE_DAMAGED or CODEC_MALFORMED. */
export function decodeRow(bytes: Uint8Array): Row {
  const t = new Tuple('row', decode(bytes.subarray(measureBytes)));
  const local = member(t.next(), localFrom);
  const agreed = member(t.next(), (value) => agreedFrom(value, local));
  const remote = member(t.next(), (value) => remoteFrom(value, local));
  const withdrawn = t.more() ? withdrawnFrom(t) : undefined;
  if (t.more()) t.fail('of three or four parts');
  return {
    ...(local && { local }),
    ...(agreed && { agreed }),
    ...(remote && { remote }),
    ...(withdrawn && { withdrawn }),
  };
}

const withdrawnValue = ({ author, seq, contents, kept = [] }: Withdrawn) => [
  originValue(author),
  seq,
  [...contents],
  [...kept],
];

function withdrawnFrom(t: Tuple): Withdrawn[] {
  const list = t.next();
  if (!Array.isArray(list)) t.fail('with a list of what is withdrawn');
  return list.map((value): Withdrawn => {
    const mark = new Tuple('withdrawn', value);
    const [author, seq, contents] = [originFrom(mark.next()), mark.int(), namesFrom(mark)];
    // An earlier version did not tell who else had brought them: none of them is known to be that author's alone.
    const kept = mark.more() ? namesFrom(mark) : contents;
    return { author, seq, contents, ...(kept.length > 0 && { kept }) };
  });
}

function namesFrom(t: Tuple): string[] {
  const names = t.next();
  return Array.isArray(names) ? names.map(String) : t.fail('with a list of contents');
}

const member = <T>(value: unknown, read: (value: unknown) => T): T | undefined =>
  value === absent ? undefined : read(value);

const orNull = <T>(value: T | undefined, write: (value: T) => unknown): unknown =>
  value === undefined ? null : write(value);

function localValue({ state, facts, content, sealedBy, epoch, held }: LocalState): unknown {
  return [
    stateValue(state),
    orNull(facts, factsValue),
    orNull(content, contentValue),
    orNull(sealedBy, originValue),
    epoch ?? null,
    ...(held ? [factsValue(held)] : []),
  ];
}

function localFrom(value: unknown): LocalState {
  const t = new Tuple('local', value);
  const state = stateFrom(t.next());
  const facts = t.optional(factsFrom);
  const content = t.optional(contentFrom);
  const sealedBy = t.optional(originFrom);
  const epoch = t.optional(Number);
  const held = t.more() ? factsFrom(t.next()) : undefined;
  if (t.more()) t.fail('of five or six parts');
  return {
    state,
    ...(facts && { facts }),
    ...(content && { content }),
    ...(sealedBy && { sealedBy }),
    ...(epoch !== undefined && { epoch }),
    ...(held && { held }),
  };
}

const stateOrLocal = (state: ItemState, local: LocalState | undefined): unknown =>
  local && sameState(state, local.state) ? asLocal : stateValue(state);

function localState(t: Tuple, local: LocalState | undefined): ItemState {
  return t.optional(stateFrom) ?? local?.state ?? t.fail('beside a local state');
}

/** Three members, as most are; a fourth marks an interim directory. */
function agreedValue({ state, version, author, interim }: AgreedState, local: LocalState | undefined) {
  const value: unknown[] = [stateOrLocal(state, local), versionValue(version), originValue(author)];
  return interim ? [...value, true] : value;
}

function agreedFrom(value: unknown, local: LocalState | undefined): AgreedState {
  const marked = Array.isArray(value) && value.length === 4 && value[3] === true;
  const t = new Tuple('agreed', value, marked ? 4 : 3);
  const agreed = {
    state: localState(t, local),
    version: versionFrom(t.next()),
    author: originFrom(t.next()),
  };
  return marked ? { ...agreed, interim: true } : agreed;
}

function remoteValue(remote: RemoteState, local: LocalState | undefined): unknown {
  const { state, content, version, seen, author, epoch, seq } = remote;
  return [
    stateOrLocal(state, local),
    content ? (sameContentRefs(content, local?.content) ? asLocal : contentValue(content)) : absent,
    versionValue(version),
    compareVersions(version, seen) === 'equal' ? null : versionValue(seen),
    originValue(author),
    epoch,
    seq,
    remote.rivals && remote.rivals.length > 0 ? remote.rivals.map(recordValue) : null,
  ];
}

const recordValue = ({ state, content, version, author, epoch, seq }: RemoteRecord): unknown => [
  stateValue(state),
  orNull(content, contentValue),
  versionValue(version),
  originValue(author),
  epoch,
  seq,
];

function recordFrom(value: unknown): RemoteRecord {
  const t = new Tuple('rival', value, 6);
  const state = stateFrom(t.next());
  const content = t.optional(contentFrom);
  const version = versionFrom(t.next());
  const author = originFrom(t.next());
  return { state, ...(content && { content }), version, author, epoch: t.int(), seq: t.int() };
}

function remoteFrom(value: unknown, local: LocalState | undefined): RemoteState {
  const t = new Tuple('remote', value, 8);
  const state = localState(t, local);
  const content = member(t.next(), (v) => (v === asLocal ? local?.content : contentFrom(v)));
  const version = versionFrom(t.next());
  const seen = t.optional(versionFrom) ?? version;
  const author = originFrom(t.next());
  const place = { epoch: t.int(), seq: t.int() };
  const rivals = t.optional((list) =>
    Array.isArray(list) ? list.map(recordFrom) : t.fail('a list of rivals'),
  );
  return { state, ...(content && { content }), version, seen, author, ...place, ...(rivals && { rivals }) };
}

function sameContentRefs(a: Content, b: Content | undefined): boolean {
  if (b?.levels !== a.levels || a.refs.length !== b.refs.length) return false;
  return a.refs.every((ref, i) => ref.id === b.refs[i]?.id && ref.length === b.refs[i]?.length);
}
