/** Who may open what: the real owner and mode of each place, against the widest that it should have. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { controlSocket } from '#agent/cli/status.ts';
import { auditDir } from '#agent/cycle/audit-parts.ts';
import { keyFiles } from '#agent/seal/key-files.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import type { Dossier } from './dossier-schema.ts';
import type { MachinePlaces, Sources } from './sources.ts';

type Access = Dossier['access'][number];
type What = Access['what'];

/**
 * The bits that may be set. Shared folders may be open to a group of the agency, never to everybody; the configuration
 * holds no secret, but whoever may write it decides what is shared.
 */
const widest: Readonly<Record<What, number>> = {
  config: 0o644,
  state: 0o700,
  keys: 0o750,
  'key-file': 0o600,
  audit: 0o700,
  agreements: 0o700,
  control: 0o600,
  folder: 0o770,
};
const credential = 0o440;
const publicKeyFile = 0o644;

export async function findAccess({ config, configFile, keys, places }: Sources): Promise<Access[]> {
  const names = await readNames(places);
  const look = (what: What, path: string) => accessOf(what, path, names);
  const folders = config.spaces.map(({ folder }) => look('folder', folder));
  const found = await Promise.all([
    look('config', configFile),
    look('state', config.state),
    look('keys', keys),
    ...keyFiles.map((file) => look('key-file', join(keys, file))),
    look('agreements', join(config.state, 'agreements')),
    look('audit', auditDir(config.state)),
    ...(await auditFiles(config.state)).map((path) => look('audit', path)),
    look('control', controlSocket(config)),
    ...folders,
  ]);
  return found.filter(({ what, errno }) => !(errno === 'ENOENT' && mayBeAbsent.has(what)));
}

/** Made by the first start, or only there while the agent runs. */
const mayBeAbsent: ReadonlySet<What> = new Set(['audit', 'control', 'agreements']);
const auditFilesAtMost = 2000;

const auditFiles = async (state: string): Promise<string[]> =>
  (await readdir(auditDir(state)).catch(() => []))
    .slice(0, auditFilesAtMost)
    .map((name) => join(auditDir(state), name));

async function accessOf(what: What, path: string, names: Names): Promise<Access> {
  const most = mostFor(what, path);
  try {
    const { uid, gid, mode } = await lstat(path);
    const bits = mode & 0o7777;
    const wide = (bits & 0o777 & ~most) !== 0 && !(what === 'key-file' && (bits & 0o777) === credential);
    const who = { owner: names.users.get(uid) ?? String(uid), group: names.groups.get(gid) ?? String(gid) };
    return { what, path, ...who, mode: octal(bits), most: octal(most), wide };
  } catch (error) {
    return { what, path, most: octal(most), wide: false, errno: errnoCode(error) ?? String(error) };
  }
}

function mostFor(what: What, path: string): number {
  if (what === 'key-file' && /\.(crt|json)$/.test(path)) return publicKeyFile;
  return what === 'audit' && /\.(json|jsonl)$/.test(path) ? 0o600 : widest[what];
}

const octal = (bits: number): string => bits.toString(8).padStart(4, '0');

interface Names {
  readonly users: ReadonlyMap<number, string>;
  readonly groups: ReadonlyMap<number, string>;
}

/** Local names only; an account of a directory service is shown by its number. */
async function readNames({ passwd, group }: MachinePlaces): Promise<Names> {
  return { users: await namesIn(passwd), groups: await namesIn(group) };
}

async function namesIn(file: string): Promise<Map<number, string>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return new Map(
    text.split('\n').flatMap((line) => {
      const [name, , id] = line.split(':');
      return name && id && /^\d+$/.test(id) ? [[Number(id), name]] : [];
    }),
  );
}
