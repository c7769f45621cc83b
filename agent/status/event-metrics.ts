/** Counters that events drive. Labels are ids and codes only: their number is bounded by spaces, members and codes. */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { AgentEvent } from '#agent/core/event.ts';

const scanBuckets = [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1800];

export class EventMetrics {
  readonly #registry: Registry;
  readonly #scans: Histogram;
  readonly #published: Counter;
  readonly #received: Counter;
  readonly #applied: Counter;
  readonly #appliedBytes: Counter;
  readonly #conflicts: Counter;
  readonly #problems: Counter;
  readonly #halts: Counter;
  readonly #wire: Counter;
  readonly #failures: Counter;
  readonly #refused: Counter;
  readonly #errors: Counter;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#scans = new Histogram({
      name: 'dongbo_scan_duration_seconds',
      help: 'Time to look through the whole folder of a space',
      labelNames: ['space'],
      buckets: scanBuckets,
      registers: [registry],
    });
    this.#published = this.#counter('published_changes_total', 'Local changes sealed and signed', ['space']);
    this.#received = this.#counter('received_records_total', 'Records received', ['space', 'peer']);
    this.#applied = this.#counter('applied_items_total', 'Items written to the folder', ['space']);
    this.#appliedBytes = this.#counter('applied_bytes_total', 'Bytes written to the folder', ['space']);
    this.#conflicts = this.#counter('conflicts_total', 'Items with two edits; both kept', ['space']);
    this.#problems = this.#counter('problem_events_total', 'Times that an item could not be handled', [
      'space',
      'code',
    ]);
    this.#halts = this.#counter('halts_total', 'Times that a space was stopped for safety', [
      'space',
      'code',
    ]);
    this.#wire = this.#counter('wire_bytes_total', 'Bytes on the wire, inside TLS', ['peer', 'direction']);
    this.#failures = this.#counter('peer_failures_total', 'Links that failed', ['peer', 'code']);
    this.#refused = this.#counter('refused_total', 'Connections and requests refused', ['code']);
    this.#errors = this.#counter('errors_total', 'Operations that failed', ['code']);
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name: `dongbo_${name}`, help, labelNames, registers: [this.#registry] });
  }

  note(event: AgentEvent): void {
    switch (event.type) {
      case 'scan.done':
        this.#scans.observe({ space: event.space }, event.ms / 1000);
        break;
      case 'published':
        this.#published.inc({ space: event.space }, event.changes);
        break;
      case 'received':
        this.#received.inc({ space: event.space, peer: event.from }, event.records);
        break;
      case 'applied':
        this.#applied.inc({ space: event.space }, event.items);
        this.#appliedBytes.inc({ space: event.space }, event.bytes);
        break;
      case 'conflict':
        this.#conflicts.inc({ space: event.space });
        break;
      case 'problem':
        this.#problems.inc({ space: event.space, code: event.problem.code });
        break;
      case 'halted':
        this.#halts.inc({ space: event.space, code: event.halt.code });
        break;
      case 'wire':
        this.#wire.inc({ peer: event.peer, direction: event.direction }, event.bytes);
        break;
      case 'peer.down':
        this.#failures.inc({ peer: event.peer, code: event.code });
        break;
      case 'refused':
        this.#refused.inc({ code: event.code });
        break;
      case 'error':
        this.#errors.inc({ code: event.code });
        break;
    }
  }
}
