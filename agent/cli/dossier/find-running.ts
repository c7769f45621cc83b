/** What the running agent says of itself: open halts and problems, by code and number only. */
import { fetchSnapshot } from '#agent/cli/status-client.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { Snapshot, SpaceSnapshot } from '#agent/status/snapshot.ts';
import type { Dossier } from './dossier-schema.ts';
import type { Sources } from './sources.ts';

type Running = Dossier['running'];

export async function findRunning({ config, card, io }: Sources): Promise<Running> {
  try {
    const snapshot = await fetchSnapshot(config, io.signal);
    // Somebody else's agent may answer at that port.
    if (snapshot.node !== card.node) return { is: false, code: 'STATUS_FOREIGN' };
    return factsOf(snapshot);
  } catch (error) {
    if (!(error instanceof DongboError)) throw error;
    return { is: false, code: error.code };
  }
}

const factsOf = ({ started, state, spaces }: Snapshot): Running => ({
  is: true,
  started,
  state,
  spaces: spaces.map(spaceFacts),
});

function spaceFacts(snapshot: SpaceSnapshot) {
  const { space, name, state, reason, halt, items, problems, problemCodes, withheldRecords, lastScan } =
    snapshot;
  return {
    ...{ space, name, state, items, problems, problemCodes, withheldRecords },
    ...(reason === undefined ? {} : { reason }),
    ...(halt ? { halt: { code: halt.code, needsRelease: halt.needsRelease } } : {}),
    ...(lastScan === undefined ? {} : { lastScan }),
  };
}
