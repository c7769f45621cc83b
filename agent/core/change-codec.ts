/** Bytes of one change, as they are before sealing. They come from other members: nothing in them is believed. */
import { maxActors, maxEpoch, maxFileBytes, maxLevels, maxMode } from './bounds.ts';
import { decodeRefs, encodeRefs } from './chunk-refs.ts';
import { decode, encode } from './codec.ts';
import { type ContentRules, variableRules } from './content-rules.ts';
import { Fields } from './fields.ts';
import { bytesOf, parseDigest } from './ids.ts';
import type { Answer, Content, ItemChange, ItemState } from './item.ts';
import { originFields, readOrigin } from './origin-fields.ts';
import { checkPath, maxPathBytes } from './path.ts';
import { maxSegmentBytes } from './segment.ts';
import { readVersion, versionList } from './version-codec.ts';

const kinds = ['file', 'dir', 'link', 'gone', 'yield'] as const;
/** 500 characters of reason, padded and sealed. */
const maxAnswer = 4096;
/** Linux takes no longer link target. */
const maxTarget = 4095;

/** Most of it are the pairs of its version. */
const changeShape = { values: 4 * maxActors, depth: 3 };

type State = ItemChange['state'];

/** Undefined when a link with this target may travel; else the rule that it breaks. */
export function checkTarget(target: string): string | undefined {
  if (target === '') return 'empty';
  if (target.includes('\0')) return 'no NUL';
  return Buffer.byteLength(target) > maxTarget ? `at most ${maxTarget} bytes` : undefined;
}

export function encodeChange(c: ItemChange): Uint8Array {
  return encode({
    path: c.path,
    ...stateFields(c.state),
    version: versionList(c.version),
    ...(c.content ? { levels: c.content.levels, refs: encodeRefs(c.content.refs) } : {}),
    ...(c.answer ? { answer: answerFields(c.answer) } : {}),
  });
}

const answerFields = ({ to, epoch, sealed }: Answer) => ({ ...originFields(to), epoch, sealed });

function readAnswer(value: unknown): Answer {
  const fields = new Fields('answer', value);
  const answer = {
    to: readOrigin(fields),
    epoch: fields.int('epoch', 1, maxEpoch),
    sealed: fields.someBytes('sealed'),
  };
  if (answer.sealed.length > maxAnswer) fields.fail('sealed', `at most ${maxAnswer} bytes`);
  fields.end();
  return answer;
}

function stateFields(s: State) {
  switch (s.kind) {
    case 'file':
      return { kind: s.kind, mode: s.mode, mtime: s.mtimeNs, size: s.size, sha256: bytesOf(s.sha256) };
    case 'dir':
      return { kind: s.kind, mode: s.mode };
    case 'link':
      return { kind: s.kind, mtime: s.mtimeNs, target: s.target };
    case 'gone':
    case 'yield':
      return { kind: s.kind };
  }
}

/** `rules` are those of the epoch's form. Throws CODEC_MALFORMED; for a path that may not name an item with field `path` and the rule it breaks. */
export function decodeChange(bytes: Uint8Array, rules = variableRules): ItemChange {
  const fields = new Fields('change', decode(bytes, maxSegmentBytes, changeShape));
  const path = readPath(fields);
  const version = readVersion(fields, 'version');
  const kind = fields.oneOf('kind', kinds);
  if (kind === 'yield') return finish(fields, { path, state: { kind }, version });
  const state = readState(fields, kind);
  if (state.kind !== 'file') return finish(fields, { path, state, version });
  return finish(fields, { path, state, version, content: readContent(fields, state.size, rules) });
}

function finish(fields: Fields, change: ItemChange): ItemChange {
  const answer = fields.has('answer') ? { answer: readAnswer(fields.raw('answer')) } : {};
  fields.end();
  return { ...change, ...answer };
}

function readPath(fields: Fields): string {
  const path = fields.text('path', maxPathBytes);
  const broken = checkPath(path);
  return broken === undefined ? path : fields.fail('path', broken);
}

function readState(fields: Fields, kind: ItemState['kind']): ItemState {
  switch (kind) {
    case 'file':
      return {
        kind,
        mode: fields.int('mode', 0, maxMode),
        mtimeNs: fields.int64('mtime'),
        size: fields.int('size', 0, maxFileBytes),
        sha256: fields.id('sha256', 32, parseDigest),
      };
    case 'dir':
      return { kind, mode: fields.int('mode', 0, maxMode) };
    case 'link':
      return { kind, target: readTarget(fields), mtimeNs: fields.int64('mtime') };
    case 'gone':
      return { kind };
  }
}

/** Any text that the system takes: a link is kept as it is and never followed. */
function readTarget(fields: Fields): string {
  const target = fields.text('target', maxTarget);
  const broken = checkTarget(target);
  return broken === undefined ? target : fields.fail('target', broken);
}

function readContent(fields: Fields, size: number, rules: ContentRules): Content {
  const levels = fields.int('levels', 0, maxLevels);
  const refs = decodeRefs(fields.bytes('refs'));
  if (refs.length > rules.inline) fields.fail('refs', `at most ${rules.inline}`);
  const broken = rules.brokenLevels(levels, size, refs.length) ?? firstBroken({ levels, refs }, size, rules);
  if (broken !== undefined) fields.fail('refs', broken);
  const sum = refs.reduce((total, ref) => total + ref.length, 0);
  if (levels === 0 && sum !== size) fields.fail('refs', 'lengths that add up to the size');
  if (levels > 0 && refs.length === 0) fields.fail('refs', 'at least one list');
  return { levels, refs };
}

function firstBroken({ levels, refs }: Content, size: number, rules: ContentRules): string | undefined {
  for (const [i, ref] of refs.entries()) {
    const broken = rules.brokenRef(ref, levels, i === refs.length - 1, size);
    if (broken !== undefined) return broken;
  }
  return undefined;
}
