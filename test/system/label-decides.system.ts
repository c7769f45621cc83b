/** As `process/label-decides`, where A and B have a device approved up to MẬT each, and C has none. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sampleKey, sampleLabel } from '#test/contract/state-cipher.ts';
import { allFiles, compareAll, has, labelRules, write } from '#test/process/every-label.ts';
import { marksIn } from '#test/process/marked.ts';
import { Trio } from '#test/process/trio.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { makeSoftToken, type SoftToken, softModule } from './soft-token.ts';
import { needs } from './tools.ts';

const product = { product: 'Thiết bị mẫu', approval: '01/GCN', highest: 'MAT', validUntil: '2099-12-31' };
const agreed = `{ name: "${product.product}", approval: ${product.approval}, highest: MAT, validUntil: "2099-12-31" }`;

async function deviceOf(dir: string, key: string): Promise<{ token: SoftToken; config: string[] }> {
  const home = join(dir, `device-${key}`);
  await mkdir(home, { recursive: true });
  const token = await makeSoftToken(home, { key: sampleKey, keyLabel: sampleLabel });
  const pinFile = join(home, 'pin');
  await writeFile(pinFile, `${token.pin}\n`, { mode: 0o600 });
  const place = { module: softModule, tokenLabel: token.tokenLabel, keyLabel: sampleLabel, pinFile };
  const lines = Object.entries({ ...place, ...product }).map(([name, value]) => `  ${name}: "${value}"`);
  return { token, config: ['stateCipher:', ...lines] };
}

it('B has what explain says, MẬT under the device; C and the relay have nothing of it', async (context) => {
  needs(context, 'softhsm2-util', 'softhsm2');
  await using dir = await temporaryDir();
  const [a, b] = [await deviceOf(dir.path, 'a'), await deviceOf(dir.path, 'b')];
  await using trio = await Trio.create({
    dir: join(dir.path, 'nodes'),
    labels: labelRules,
    // B's own rules mark what is secret to it too, or it would not take it in.
    readerLabels: labelRules,
    label: 'CONFIDENTIAL+MAT+PD:SENSITIVE',
    stateCipher: agreed,
    more: { a: a.config, b: b.config },
    env: { a: { SOFTHSM2_CONF: a.token.conf }, b: { SOFTHSM2_CONF: b.token.conf } },
  });
  for (const name of allFiles) await write(trio, name);
  await trio.start();
  const secret = 'MAT/văn bản 4.txt';
  await trio.until('the last secret at B', () => has(trio, trio.b, secret));
  await trio.settled();
  // 24 that are no secrets, and the four MẬT; TỐI MẬT and TUYỆT MẬT stay at A.
  expect(await compareAll(trio)).toEqual({ b: 28, c: 12 });
  const { relay, c } = trio;
  for (const place of [relay.options.dir, c.options.dir, trio.a.logFile, trio.b.logFile])
    expect(await marksIn(place, 'văn bản 4'), place).toEqual([]);
  // TỐI MẬT and TUYỆT MẬT, which the device is not approved for, are nowhere but in A's folder.
  for (const mark of ['TOI_MAT/văn bản', 'TUYET_MAT/văn bản'])
    for (const place of [trio.a.state, trio.b.options.dir]) expect(await marksIn(place, mark)).toEqual([]);
}, 300_000);
