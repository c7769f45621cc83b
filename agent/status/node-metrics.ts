/** What Prometheus learns of the node itself. No default process metrics: they are many, and some name files. */
import { Gauge, type Registry } from 'prom-client';
import type { Snapshot } from './snapshot.ts';

export class NodeMetrics {
  readonly #registry: Registry;
  readonly #ready: Gauge;
  readonly #start: Gauge;
  readonly #memory: Gauge;
  readonly #inStep: Gauge;

  constructor(registry: Registry, version: string) {
    this.#registry = registry;
    const build = this.#gauge('build_info', 'Version, and the runtime it is running on', [
      'version',
      'node_version',
    ]);
    build.set({ version, node_version: process.version }, 1);
    this.#ready = this.#gauge('ready', '1 when /readyz would answer 200');
    this.#start = this.#gauge('start_timestamp_seconds', 'When the agent started');
    this.#memory = this.#gauge('process_resident_memory_bytes', 'Resident memory');
    this.#inStep = this.#gauge(
      'last_success_timestamp_seconds',
      'When every space was last seen in step; 0: never',
    );
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name: `dongbo_${name}`, help, labelNames, registers: [this.#registry] });
  }

  set(snapshot: Snapshot): void {
    this.#ready.set(snapshot.ready ? 1 : 0);
    this.#start.set(Date.parse(snapshot.started) / 1000);
    this.#memory.set(snapshot.memory.residentBytes);
    if (snapshot.lastInStep) this.#inStep.set(Date.parse(snapshot.lastInStep) / 1000);
  }
}
