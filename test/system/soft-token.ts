/** A token of SoftHSM, which keeps it in a directory: a stand-in for a device of the state cipher authority. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadBinding } from '#agent/seal/pkcs11-binding.ts';
import { run } from './tools.ts';

export const softModule = '/usr/lib/softhsm/libsofthsm2.so';

export interface SoftToken {
  /** For SOFTHSM2_CONF. */
  readonly conf: string;
  readonly tokenLabel: string;
  readonly pin: string;
  readonly takeAway: () => Promise<void>;
  readonly bringBack: () => Promise<void>;
}

/** A token with `key` under `keyLabel`, brought into it as the authority would. It is only known under SOFTHSM2_CONF. */
export async function makeSoftToken(
  dir: string,
  { key, keyLabel, extractable = false }: { key: Uint8Array; keyLabel: string; extractable?: boolean },
): Promise<SoftToken> {
  const conf = join(dir, 'softhsm2.conf');
  const tokens = join(dir, 'tokens');
  const token = { conf, tokenLabel: 'thiet-bi', pin: '246813' };
  await mkdir(tokens, { recursive: true });
  await writeFile(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  await within(conf, async () => {
    const label = ['--label', token.tokenLabel, '--pin', token.pin, '--so-pin', '975310'];
    const made = run('softhsm2-util', '--init-token', '--free', ...label);
    if (made.status !== 0) throw new Error(made.stderr);
    await bringIn(token, { key, keyLabel, extractable });
  });
  return {
    ...token,
    takeAway: () => rename(tokens, `${tokens}.away`),
    bringBack: () => rename(`${tokens}.away`, tokens),
  };
}

/** The library reads its configuration from the environment when it starts. */
export async function within<T>(conf: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.SOFTHSM2_CONF;
  process.env.SOFTHSM2_CONF = conf;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.SOFTHSM2_CONF;
    else process.env.SOFTHSM2_CONF = before;
  }
}

interface Brought {
  readonly key: Uint8Array;
  readonly keyLabel: string;
  readonly extractable: boolean;
}

async function bringIn(
  { tokenLabel, pin }: Pick<SoftToken, 'tokenLabel' | 'pin'>,
  { key, keyLabel, extractable }: Brought,
): Promise<void> {
  const c = await loadBinding();
  const device = new c.PKCS11();
  device.load(softModule);
  device.C_Initialize();
  const slots = device.C_GetSlotList(true);
  const slot = slots.find((one) => device.C_GetTokenInfo(one).label.trimEnd() === tokenLabel);
  if (!slot) throw new Error('the new token is not there');
  const session = device.C_OpenSession(slot, c.CKF_SERIAL_SESSION | c.CKF_RW_SESSION);
  device.C_Login(session, c.CKU_USER, pin);
  device.C_CreateObject(session, [
    { type: c.CKA_CLASS, value: c.CKO_SECRET_KEY },
    { type: c.CKA_KEY_TYPE, value: c.CKK_AES },
    { type: c.CKA_LABEL, value: keyLabel },
    { type: c.CKA_VALUE, value: Buffer.from(key) },
    { type: c.CKA_TOKEN, value: true },
    { type: c.CKA_PRIVATE, value: true },
    { type: c.CKA_DERIVE, value: true },
    { type: c.CKA_SENSITIVE, value: !extractable },
    { type: c.CKA_EXTRACTABLE, value: extractable },
  ]);
  device.C_CloseSession(session);
  device.C_Finalize();
  device.close();
}
