/** Gathers the facts of the dossier. Changes nothing, and opens no private key. */
import { render } from '#agent/core/messages/index.ts';
import type { Refusal } from '#agent/core/standing.ts';
import type { Dossier } from './dossier-schema.ts';
import { findAccess } from './find-access.ts';
import { findAgreements } from './find-agreements.ts';
import { findLabels } from './find-labels.ts';
import { findLogs } from './find-logs.ts';
import { findRunning } from './find-running.ts';
import { findService } from './find-service.ts';
import { findSuites } from './find-suites.ts';
import { findFlows, findSystem } from './find-system.ts';
import { judge } from './requirements.ts';
import type { Sources } from './sources.ts';

export interface Collected {
  readonly dossier: Dossier;
  /** What could not be read; the dossier names it too. */
  readonly faults: readonly Refusal[];
}

export async function collect(sources: Sources): Promise<Collected> {
  const { config, io, places } = sources;
  const { agreements, faults } = await findAgreements(sources);
  const [access, logs, running, service] = await Promise.all([
    findAccess(sources),
    findLogs(sources),
    findRunning(sources),
    findService(places),
  ]);
  const flows = findFlows(sources, agreements);
  const labels = findLabels(config);
  const suites = findSuites(agreements);
  const shown = { agreements: [...agreements], flows, labels, suites, access, logs };
  const dossier = {
    format: 1 as const,
    language: io.lang,
    made: new Date(io.clock.now()).toISOString(),
    system: findSystem(sources),
    ...shown,
    ...(service ? { service } : {}),
    running,
    faults: faults.map(({ code, details }) => render(code, details, io.lang)),
    requirements: judge({ ...shown, config }, io.lang),
  };
  return { dossier, faults };
}
