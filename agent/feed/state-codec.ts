/** The parts of a row as CBOR arrays. */
import { decodeRefs, encodeRefs } from '#agent/core/chunk-refs.ts';
import {
  bytesOf,
  type Origin,
  parseActor,
  parseDigest,
  parseIncarnation,
  parseNodeId,
} from '#agent/core/ids.ts';
import type { Content, DiskFacts, ItemState } from '#agent/core/item.ts';
import type { Version } from '#agent/core/version.ts';
import { Tuple } from './tuple.ts';

const kinds = { file: 0, dir: 1, link: 2, gone: 3 } as const;

export function stateValue(s: ItemState): unknown {
  switch (s.kind) {
    case 'file':
      return [kinds.file, s.mode, s.mtimeNs, s.size, bytesOf(s.sha256)];
    case 'dir':
      return [kinds.dir, s.mode];
    case 'link':
      return [kinds.link, s.target, s.mtimeNs];
    case 'gone':
      return [kinds.gone];
  }
}

export function stateFrom(value: unknown): ItemState {
  const t = new Tuple('state', value);
  switch (t.int()) {
    case kinds.file:
      return {
        kind: 'file',
        mode: t.int(),
        mtimeNs: t.wide(),
        size: t.int(),
        sha256: parseDigest(t.hex()),
      };
    case kinds.dir:
      return { kind: 'dir', mode: t.int() };
    case kinds.link:
      return { kind: 'link', target: t.text(), mtimeNs: t.wide() };
    case kinds.gone:
      return { kind: 'gone' };
    default:
      return t.fail('of a known kind');
  }
}

export const contentValue = (c: Content): unknown => [c.levels, encodeRefs(c.refs)];

export function contentFrom(value: unknown): Content {
  const t = new Tuple('content', value, 2);
  return { levels: t.int(), refs: decodeRefs(t.bytes()) };
}

export const factsValue = (f: DiskFacts): unknown => [f.size, f.mtimeNs, f.ctimeNs, f.ino, f.mode];

export function factsFrom(value: unknown): DiskFacts {
  const t = new Tuple('facts', value, 5);
  return { size: t.int(), mtimeNs: t.wide(), ctimeNs: t.wide(), ino: t.wide(), mode: t.int() };
}

/** Actor and counter by turns. */
export const versionValue = (v: Version): unknown => v.flatMap(([actor, n]) => [bytesOf(actor), n]);

export function versionFrom(value: unknown): Version {
  const t = new Tuple('version', value);
  const version: [ReturnType<typeof parseActor>, number][] = [];
  while (t.more()) version.push([parseActor(t.hex()), t.int()]);
  return version;
}

export const originValue = ({ node, incarnation }: Origin): Uint8Array => bytesOf(node + incarnation);

const nodeDigits = 64;

export function originFrom(value: unknown): Origin {
  const hex = new Tuple('origin', [value]).hex();
  return {
    node: parseNodeId(hex.slice(0, nodeDigits)),
    incarnation: parseIncarnation(hex.slice(nodeDigits)),
  };
}
