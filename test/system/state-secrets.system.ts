/** MẬT items between real daemons, each with a SoftHSM token of the same key, through a relay. */
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { makeSecretCluster } from './secret-cluster.ts';
import { needs } from './tools.ts';

const secret = 'mat/kehoach-tuyetvoi.txt';
const words = 'noi-dung-rat-mat';
const day = new Date('2001-01-01T00:00:00Z');

/** Files under `dir` that hold a word of the secret: its name or its content. */
function findIn(dir: string): string[] {
  const { stdout } = spawnSync('grep', ['-rlaE', `kehoach-tuyetvoi|${words}`, dir], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '');
}

it('go from agency to agency, wait while a device is away, and are told to nobody', async (context) => {
  needs(context, 'softhsm2-util', 'softhsm2');
  await using dir = await temporaryDir();
  await using cluster = await makeSecretCluster(dir.path);
  const { a, b, relay, until } = cluster;
  await mkdir(a.at('mat'), { recursive: true });
  await writeFile(a.at(secret), `${words} 1`);
  await writeFile(a.at('thuong.txt'), 'thuong 1');
  await Promise.all([a.restart(), b.restart()]);
  await until('the first item', async () => (await b.text(secret)) === `${words} 1`);

  // B's device is pulled out while both run: the other item goes on, nothing of the secret one is lost.
  await b.token.takeAway();
  await until('the word of it', async () => (await b.codes()).includes('CIPHER_DEVICE_GONE'));
  await writeFile(a.at(secret), `${words} 2`);
  await writeFile(a.at('thuong.txt'), 'thuong 2');
  await until('the other item', async () => (await b.text('thuong.txt')) === 'thuong 2');
  expect(await b.text(secret)).toBe(`${words} 1`);
  await b.token.bringBack();
  await until('the second text', async () => (await b.text(secret)) === `${words} 2`);
  await until('no problem left', async () => (await b.codes()).length === 0);

  // A's is pulled out: an edit and a new item wait.
  await a.token.takeAway();
  await until('the word of it', async () => (await a.codes()).includes('CIPHER_DEVICE_GONE'));
  await writeFile(a.at(secret), `${words} 3`);
  await a.token.bringBack();
  await until('the third text', async () => (await b.text(secret)) === `${words} 3`);
  await rm(a.at(secret));
  await until('the delete', async () => (await b.text(secret)) === 'none');

  expect(findIn(relay.options.dir)).toEqual([]);
  for (const { daemon } of [a, b]) {
    expect(findIn(daemon.logFile)).toEqual([]);
    expect(await readFile(daemon.logFile, 'utf8')).not.toContain('246813');
  }
}, 300_000);

it('are not opened, named or sent by a node whose device cannot be used, for whatever reason', async (context) => {
  needs(context, 'softhsm2-util', 'softhsm2');
  await using dir = await temporaryDir();
  await using cluster = await makeSecretCluster(dir.path);
  const { a, b, relay, until } = cluster;
  await mkdir(a.at('mat'), { recursive: true });
  await writeFile(a.at(secret), words);
  await writeFile(a.at('thuong.txt'), 'thuong');
  for (const path of [secret, 'mat']) await utimes(a.at(path), day, day);
  await b.restart();
  const refused = async (code: string): Promise<void> => {
    await until(code, async () => (await a.codes()).join() === code);
    expect(findIn(a.daemon.state).concat(findIn(a.daemon.logFile), findIn(relay.state))).toEqual([]);
    for (const path of [secret, 'mat']) expect((await stat(a.at(path))).atime).toEqual(day);
  };
  await a.restart('none');
  await refused('SECRET_NO_APPROVED_CIPHER');
  await until('the other item', async () => (await b.text('thuong.txt')) === 'thuong');
  await a.restart({ validUntil: '2026-01-01' });
  await refused('SECRET_CIPHER_EXPIRED');
  await a.restart({ keyLabel: 'khoa-khac' });
  await refused('CIPHER_KEY_ABSENT');
  await a.token.takeAway();
  await a.restart();
  await until('no device', async () => (await a.codes()).some((code) => code.startsWith('CIPHER_')));
  await a.token.bringBack();
  await writeFile(a.pinFile, '000000', { mode: 0o600 });
  await a.restart();
  await refused('CIPHER_PIN_WRONG');
  await writeFile(a.pinFile, a.token.pin, { mode: 0o600 });
  await a.restart();
  await until('the secret', async () => (await b.text(secret)) === words);
}, 300_000);
