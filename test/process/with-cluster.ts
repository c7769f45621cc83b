/** A cluster in a temporary folder of its own: nothing of it is left, whatever happens; a failure shows the logs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, type ClusterOptions } from './cluster.ts';
import type { Daemon } from './daemon.ts';

export type FixtureOptions = Omit<ClusterOptions, 'dir'>;

/** Not started yet. `DONGBO_KEEP=1` leaves the folder of what failed. */
export class ClusterFixture implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly dir: string;

  private constructor(cluster: Cluster, dir: string) {
    this.cluster = cluster;
    this.dir = dir;
  }

  static async create(options: FixtureOptions): Promise<ClusterFixture> {
    const dir = await mkdtemp(join(tmpdir(), 'dongbo-process-'));
    try {
      return new ClusterFixture(await Cluster.create({ dir: join(dir, 'nodes'), ...options }), dir);
    } catch (error) {
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
    if (!process.env.DONGBO_KEEP) await rm(this.dir, { recursive: true, force: true });
  }
}

export async function withCluster(
  options: FixtureOptions,
  use: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  await using fixture = await ClusterFixture.create(options);
  await explained(fixture.cluster, () => use(fixture.cluster));
}

/** Adds what the daemons said last, and how they see themselves, to whatever `use` fails with. */
export async function explained(cluster: Cluster, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const told = await Promise.all(cluster.daemons.map((daemon) => lastWords(daemon, message)));
    throw new Error([message, ...told].join('\n'), {
      cause: error,
    });
  }
}

async function lastWords(daemon: Daemon, known: string): Promise<string> {
  const status = await daemon.status().catch((error: unknown) => ({ spaces: String(error) }));
  const words = known.includes(daemon.logFile) ? `--- ${daemon.options.agency}` : await daemon.lastWords();
  return `${words}\n${JSON.stringify(status?.spaces)}`;
}
