/** Whether the device for state secrets opens, and why secrets that the rules name would be left alone. Takes one login. */
import { SecretGate } from '#agent/cycle/secret-gate.ts';
import { SpaceSecrets } from '#agent/cycle/space-secrets.ts';
import type { AgreementBook } from '#agent/seal/agreement-book.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import type { ConfigIssue, LoadedConfig } from './config.ts';
import { slotOf } from './device-slot.ts';
import type { ProgramIo } from './program-io.ts';

/** The codes of `CipherSlot` and `SecretGate`, each with its place in the configuration. */
export async function checkCipher(
  { config, locate }: LoadedConfig,
  { book, me, io }: { readonly book: AgreementBook; readonly me: Identity; readonly io: ProgramIo },
): Promise<ConfigIssue[]> {
  const { clock, signal } = io;
  const slot = slotOf(config, { clock, emit: () => undefined });
  using _ = slot;
  await slot?.tick(signal);
  const fault = slot?.fault;
  const issues: ConfigIssue[] = [];
  if (fault) issues.push({ code: fault.code, details: { ...locate(['stateCipher']), ...fault.details } });
  const standing = (id: Parameters<AgreementBook['inForce']>[0]) => book.inForce(id);
  const gate = new SecretGate({ me: me.node, standing, clock, ...(slot ? { slot } : {}) });
  for (const [i, { space, labels }] of config.spaces.entries()) {
    const secrets = new SpaceSecrets({ space, labels: new LabelRules(labels), gate });
    const codes = new Set([fault?.code]);
    for (const { fault: found } of secrets.faults()) {
      if (!found || codes.has(found.code)) continue;
      codes.add(found.code);
      issues.push({ code: found.code, details: { ...locate(['spaces', i, 'labels']), ...found.details } });
    }
  }
  return issues;
}
