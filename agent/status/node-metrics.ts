/** What Prometheus learns of the node itself. No default process metrics: they are many, and some name files. */
import { Gauge, type Registry } from 'prom-client';
import type { Snapshot } from './snapshot.ts';

export class NodeMetrics {
  readonly #registry: Registry;
  readonly #ready: Gauge;
  readonly #start: Gauge;
  readonly #memory: Gauge;
  readonly #inStep: Gauge;
  readonly #audit: { readonly bytes: Gauge; readonly most: Gauge; readonly used: Gauge };
  readonly #syslog: { readonly behind: Gauge; readonly up: Gauge };

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
    this.#audit = this.#auditGauges();
    this.#syslog = this.#syslogGauges();
  }

  #auditGauges() {
    return {
      bytes: this.#gauge('audit_bytes', 'Space that the audit log takes'),
      most: this.#gauge('audit_max_bytes', 'Space at which sharing stops'),
      used: this.#gauge(
        'audit_used_ratio',
        'Share of its space that the audit log has used up; 0.8: warning',
      ),
    };
  }

  #syslogGauges() {
    return {
      behind: this.#gauge('syslog_behind_records', 'Records of the audit log that wait for the collector'),
      up: this.#gauge('syslog_reachable', '0 while the configured collector takes no events'),
    };
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name: `dongbo_${name}`, help, labelNames, registers: [this.#registry] });
  }

  set(snapshot: Snapshot): void {
    this.#ready.set(snapshot.ready ? 1 : 0);
    this.#start.set(Date.parse(snapshot.started) / 1000);
    this.#memory.set(snapshot.memory.residentBytes);
    this.#setAudit(snapshot.audit);
    if (snapshot.lastInStep) this.#inStep.set(Date.parse(snapshot.lastInStep) / 1000);
  }
  #setAudit(audit: Snapshot['audit']): void {
    if (!audit) return;
    this.#audit.bytes.set(audit.bytes);
    this.#audit.most.set(audit.maxBytes);
    this.#audit.used.set(audit.bytes / audit.maxBytes);
    this.#syslog.behind.set(audit.syslog?.behind ?? 0);
    this.#syslog.up.set(audit.syslog?.code === undefined ? 1 : 0);
  }
}
