/** What a withdrawal destroys, what it sets aside and what it leaves: each rule by itself. */
import { describe, expect, it } from 'vitest';
import { type Origin, parseIncarnation, parseNodeId } from '#agent/core/ids.ts';
import type { Brought, ItemState, Row, Withdrawn } from '#agent/core/item.ts';
import { bumpVersion, emptyVersion, type Version } from '#agent/core/version.ts';
import { actorOf } from '#agent/core/actor.ts';
import {
  anyContent,
  contentsBefore,
  fateOf,
  withBrought,
  withKept,
  withoutWithdrawn,
} from '#agent/core/withdraw.ts';
import { digestOf, hexOf } from './sample.ts';

const originOf = (n: number): Origin => ({
  node: parseNodeId(hexOf(n, 32)),
  incarnation: parseIncarnation(hexOf(n, 8)),
});
const [author, third, me] = [originOf(1), originOf(2), originOf(3)];
const nameOf = (n: number): string => digestOf(n);
const fileOf = (n: number): ItemState => ({
  kind: 'file',
  mode: 0o644,
  mtimeNs: 0n,
  size: 1,
  sha256: digestOf(n),
});
const by = (of: Origin, seq: number, name: string, over = false): Brought => ({
  author: of,
  seq,
  name,
  over,
});
const markOf = (...contents: string[]): Withdrawn => ({ author, seq: 9, contents });
/** As the author's content 1 lies here after all of its records were withdrawn. */
const here = (more: Partial<Row> = {}): Row => ({
  local: { state: fileOf(1) },
  withdrawn: [markOf(nameOf(1))],
  ...more,
});
const versionOf = (...origins: Origin[]): Version =>
  origins.reduce((version, one) => bumpVersion(version, actorOf(one)), emptyVersion);

describe('withdrawn', () => {
  it('are the contents of earlier records of the same feed, until they were taken back before', () => {
    const all = [
      by(author, 3, 'earlier'),
      by(author, 12, 'later'),
      by(third, 3, 'of another'),
      by(author, 4, 'over', true),
      by(author, 5, anyContent),
      by(author, 6, ''),
    ];
    expect(contentsBefore(all, author, 9)).toEqual(['earlier']);
  });

  it('is no more what the author brings again, and stays what another brings', () => {
    expect(withoutWithdrawn(here(), author, 10).withdrawn).toBeUndefined();
    expect(withoutWithdrawn(here(), author, 8).withdrawn).toHaveLength(1);
    expect(withoutWithdrawn(here(), third, 10).withdrawn).toHaveLength(1);
  });
});

describe('what lies here', () => {
  it('is destroyed where the author alone brought it', () => {
    expect(fateOf(here(), me)).toBe('destroy');
    expect(fateOf(withKept(here(), [by(author, 3, nameOf(1))]), me)).toBe('destroy');
  });

  it.each([
    ['another brought it too', [by(author, 3, nameOf(1)), by(third, 4, nameOf(1))]],
    ['nobody remembers what another brought', [by(author, 3, nameOf(1)), by(third, 4, anyContent)]],
  ])('is set aside where %s', (_what, brought) => {
    expect(fateOf(withKept(here(), brought), me)).toBe('aside');
  });

  it('is destroyed where what another brought was withdrawn by that one as well', () => {
    const brought = [by(author, 3, nameOf(1)), by(third, 4, nameOf(1), true)];
    expect(fateOf(withKept(here(), brought), me)).toBe('destroy');
  });

  it('is set aside where a version knows of somebody whom no record tells of', () => {
    const agreed = { state: fileOf(1), version: versionOf(author, third), author };
    expect(fateOf(withKept(here({ agreed }), [by(author, 3, nameOf(1))]), me)).toBe('aside');
    const known = { ...agreed, version: versionOf(author) };
    expect(fateOf(withKept(here({ agreed: known }), [by(author, 3, nameOf(1))]), me)).toBe('destroy');
  });

  it('is set aside where another brings it after the withdrawal, whatever comes of it then', () => {
    const brought = withBrought(here(), third, nameOf(1));
    expect(fateOf(brought, me)).toBe('aside');
    expect(fateOf(withBrought(brought, third, nameOf(2)), me)).toBe('aside');
    expect(fateOf(withBrought(here(), author, nameOf(1)), me)).toBe('destroy');
  });

  it('is set aside where this node has published the item, and where it was edited', () => {
    const agreed = { state: fileOf(1), version: versionOf(author, me), author: me };
    expect(fateOf(here({ agreed }), me)).toBe('aside');
    const base = { state: fileOf(1), version: versionOf(author), author };
    expect(fateOf(here({ agreed: base, local: { state: fileOf(7) } }), me)).toBe('aside');
  });

  it('is left where a record that stands has the same content', () => {
    const remote = {
      state: fileOf(1),
      version: versionOf(third),
      seen: versionOf(third),
      author: third,
      epoch: 1,
      seq: 1,
    };
    expect(fateOf(here({ remote }), me)).toBe('leave');
  });
});
