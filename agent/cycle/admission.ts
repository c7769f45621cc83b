/** Which records of others this node takes in, and why the rest stays closed. */
import type { Ingested } from '#agent/apply/ingest.ts';
import { type Agreement, agreementDigest, type Member } from '#agent/core/agreement.ts';
import { readersOf } from '#agent/core/agreement-policy.ts';
import { isSecretClass, parseLabelClass } from '#agent/core/clearance.ts';
import type { Digest, NodeId, Origin } from '#agent/core/ids.ts';
import { labelWithin } from '#agent/core/label.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { ReopenParts, WhyClosed } from './closed-feeds.ts';
import type { NodeSpace } from './node-space.ts';
import type { SpaceSecrets } from './space-secrets.ts';

export interface AdmissionParts {
  readonly own: NodeSpace;
  readonly clock: Pick<Clock, 'now'>;
  readonly keyring: Pick<Keyring, 'deviceOf'>;
  readonly secrets: SpaceSecrets;
}

export function admissionOf(
  parts: AdmissionParts,
): Pick<ReopenParts, 'withholds' | 'refuses' | 'admits' | 'why'> {
  const { secrets } = parts;
  return {
    withholds: (author) => withholds(parts, author),
    refuses: (labelClass, { agreement }) => brokenClass(parts.own.agreement(), labelClass, agreement),
    // A rule of this node's own tells that a path is secret while there is no device to ask, and who decided so (R05).
    admits: (path, labelClass) => !isSecretClass(labelClass) || secrets.isSecret(path),
    why: (origin, taken) => whyClosed(parts, origin, taken),
  };
}

/** What was written under an earlier revision may carry what that one allowed. */
function brokenClass(agreement: Agreement, labelClass: string, under: Digest): string | undefined {
  const label = parseLabelClass(labelClass);
  if (!label) return 'label class: one that there is';
  const above = !labelWithin(label, agreement.label) && under === agreementDigest(agreement);
  return above ? 'label class: within the agreement' : undefined;
}

/** By the agreement: what its author may not send to this node. */
function withholds({ own, clock }: AdmissionParts, author: NodeId): (labelClass: string) => boolean {
  const { node } = own.origin;
  const isReader = ({ card }: Member): boolean => card.node === node;
  return (labelClass) => !readersOf(own.agreementOf(author), author, labelClass, clock.now()).some(isReader);
}

async function whyClosed(
  { own, keyring, secrets }: AdmissionParts,
  origin: Origin,
  { unmarked, lastClosed }: Ingested,
): Promise<WhyClosed | undefined> {
  if (unmarked > 0) return { code: 'SECRET_PATH_NOT_MARKED', details: {} };
  if (!lastClosed || !isSecretClass(lastClosed.labelClass)) return undefined;
  const refused = secrets.closedBy(lastClosed.labelClass);
  if (refused) return refused;
  const granted = await keyring.deviceOf(own.space, origin, lastClosed.epoch);
  return granted && { code: 'CIPHER_KEY_OTHER', details: { key: granted.label } };
}
