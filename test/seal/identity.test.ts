import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '#agent/core/ids.ts';
import { verifyCard } from '#agent/seal/card.ts';
import { createIdentity, loadIdentity } from '#agent/seal/identity.ts';
import { keyFiles } from '#agent/seal/key-files.ts';
import { suites } from '#agent/seal/suite.ts';
import { verifySignature } from '#agent/seal/verify.ts';
import { SetClock, seededRandom, tempDir } from '#test/trust/parties.ts';

const clock = new SetClock();
const owner = { agency: 'H29.12', name: 'Sở Tư pháp' };
const make = (dir: string, seed = 'one') => createIdentity(dir, owner, { clock, random: seededRandom(seed) });

describe('an identity', () => {
  it('comes back as it was made, in files that only the owner can read', async () => {
    await using dir = await tempDir();
    const made = await make(dir.path);
    expect((await readdir(dir.path)).sort()).toEqual([...keyFiles].sort());
    for (const file of keyFiles) {
      expect((await stat(join(dir.path, file))).mode & 0o777, file).toBe(0o600);
    }
    const loaded = await loadIdentity(dir.path);
    expect(loaded.card).toEqual(made.card);
    expect({ agency: loaded.agency, name: loaded.name }).toEqual(owner);
    expect(loaded.wrapPrivates).toEqual(made.wrapPrivates);
    expect(loaded.tls).toEqual(made.tls);
    verifyCard(loaded.card);
  });

  it('signs alike on both roads', async () => {
    await using dir = await tempDir();
    const identity = await make(dir.path);
    const bytes = bytesOf('00ff');
    const signature = identity.sign('nacl-pq', 'segment', bytes);
    expect(identity.signSlowly('segment', bytes)).toEqual(signature);
    expect(verifySignature(identity.node, 'segment', bytes, signature)).toBe(true);
    expect(verifySignature(identity.node, 'head', bytes, signature)).toBe(false);
  });

  it('signs feeds of vn-civil with the P-384 key of its card', async () => {
    await using dir = await tempDir();
    await make(dir.path);
    const { sign, card } = await loadIdentity(dir.path).then((i) => ({ sign: i.sign.bind(i), card: i.card }));
    const bytes = bytesOf('00ff');
    const signature = sign('vn-civil', 'segment', bytes);
    expect(signature.length).toBe(96);
    const { verify } = suites['vn-civil'];
    expect(verify(card, 'segment', bytes, signature)).toBe(true);
    expect(verify(card, 'head', bytes, signature)).toBe(false);
    expect(suites['nacl-pq'].verify(card, 'segment', bytes, signature)).toBe(false);
    expect(verify(card, 'segment', bytes, sign('nacl-pq', 'segment', bytes))).toBe(false);
  });

  it('does not show its secrets when printed', async () => {
    await using dir = await tempDir();
    const identity = await make(dir.path);
    const shown = `${inspect(identity, { depth: 9, showHidden: true })}${JSON.stringify(identity)}`;
    const seed = (await readFile(join(dir.path, 'sign.key'), 'utf8')).trim();
    const p384 = (await readFile(join(dir.path, 'p384-sign.key'), 'utf8')).split('\n')[1] ?? '';
    const wrapKeys = Object.values(identity.wrapPrivates).map((key) => key.toHex());
    for (const secret of [seed, p384, ...wrapKeys, identity.tls.key]) {
      expect(secret.length).toBeGreaterThan(60);
      expect(shown).not.toContain(secret);
    }
  });

  it('is never made over another', async () => {
    await using dir = await tempDir();
    await make(dir.path);
    const before = await readFile(join(dir.path, 'sign.key'));
    await expect(make(dir.path, 'two')).rejects.toMatchObject({ code: 'IDENTITY_EXISTS' });
    for (const file of keyFiles.slice(1)) await rm(join(dir.path, file));
    await expect(make(dir.path, 'two')).rejects.toMatchObject({ code: 'IDENTITY_EXISTS' });
    expect(await readFile(join(dir.path, 'sign.key'))).toEqual(before);
    expect(await readdir(dir.path)).toEqual(['sign.key']);
  });

  it('is not made for a bad agency or name, and leaves nothing behind', async () => {
    await using dir = await tempDir();
    const parts = { clock, random: seededRandom('x') };
    const bad = (agency: string, name: string) => createIdentity(dir.path, { agency, name }, parts);
    await expect(bad('h29', 'x')).rejects.toMatchObject({ code: 'AGENCY_MALFORMED' });
    const malformed = { code: 'CARD_MALFORMED', details: { field: 'name' } };
    for (const name of ['', ' x', 'a\u001b[2Jb', 'a\u202eb', 'x'.repeat(201)]) {
      await expect(bad('H29', name), JSON.stringify(name)).rejects.toMatchObject(malformed);
    }
    expect(await readdir(dir.path)).toEqual([]);
  });
});

describe('loading', () => {
  it.each([
    ['sign.key', 0o640],
    ['sign.key', 0o604],
    ['wrap.key', 0o660],
    ['p384-sign.key', 0o640],
    ['p384-wrap.key', 0o604],
    ['tls.key', 0o700],
    ['card.json', 0o620],
  ] as const)('refuses %s with mode %o', async (file, mode) => {
    await using dir = await tempDir();
    await make(dir.path);
    await chmod(join(dir.path, file), mode);
    const code = 'IDENTITY_PERMISSIONS';
    await expect(loadIdentity(dir.path)).rejects.toMatchObject({
      code,
      details: { mode: `0${mode.toString(8)}` },
    });
  });

  it.each([0o400, 0o440])('takes read-only credentials of mode %o', async (mode) => {
    await using dir = await tempDir();
    await make(dir.path);
    for (const file of keyFiles) await chmod(join(dir.path, file), mode);
    expect((await loadIdentity(dir.path)).agency).toBe('H29.12');
  });

  it('says what is missing', async () => {
    await using dir = await tempDir();
    await expect(loadIdentity(dir.path)).rejects.toMatchObject({ code: 'IDENTITY_MISSING' });
    await make(dir.path);
    for (const file of ['p384-wrap.key', 'p384-sign.key', 'wrap.key']) {
      await rm(join(dir.path, file));
      const details = { file: join(dir.path, file), rule: 'missing' };
      await expect(loadIdentity(dir.path)).rejects.toMatchObject({ code: 'IDENTITY_DAMAGED', details });
    }
  });

  it.each(keyFiles)('notices that %s was exchanged or spoilt', async (file) => {
    await using dir = await tempDir();
    await using otherDir = await tempDir();
    await make(dir.path);
    await make(otherDir.path, 'two');
    const path = join(dir.path, file);
    const [mine, theirs] = [await readFile(path), await readFile(join(otherDir.path, file))];
    const flipped = Buffer.from(mine);
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    const high = Buffer.from(mine);
    high[40] = (high[40] ?? 0) ^ 0x80;
    for (const bad of [
      theirs,
      flipped,
      high,
      mine.subarray(0, 30),
      Buffer.alloc(0),
      Buffer.alloc(20_000, 'a'),
    ]) {
      await writeFile(path, bad);
      await expect(loadIdentity(dir.path)).rejects.toMatchObject({ code: 'IDENTITY_DAMAGED' });
    }
    await writeFile(path, mine);
    await loadIdentity(dir.path);
  });
});
