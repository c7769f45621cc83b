/** `dongbo dossier`: the documentation of the system (R38), from the live configuration and state. */
import { join } from 'node:path';
import { DongboError } from '#agent/core/errors.ts';
import { writeFileDurable } from '#agent/sys/durable.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { readCard } from './card-file.ts';
import { keysDirOf, loadConfig } from './config.ts';
import { collect } from './dossier/collect.ts';
import { documentOf } from './dossier/document.ts';
import type { Dossier } from './dossier/dossier-schema.ts';
import { type MachinePlaces, machinePlaces } from './dossier/sources.ts';
import { toHtml } from './dossier/to-html.ts';
import { toMarkdown } from './dossier/to-markdown.ts';
import { issueLines } from './error-text.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';

export const dossierFormats = ['md', 'html', 'json'] as const;

export interface DossierOptions {
  readonly config: string;
  /** One of `dossierFormats`. */
  readonly format: string;
  /** Standard output when absent. */
  readonly out?: string;
  /** Where the keys are, when they are not where the configuration says (a stopped service). */
  readonly keys?: string;
  /** The node's card, for whoever may not look into the keys directory. */
  readonly card?: string;
}

/** The officers of the agency read it as a group; it names people and addresses, so nobody else does. */
const fileMode = 0o640;

/**
 * Returns 1 when an agreement could not be read; the dossier is printed all the same. Throws CONFIG_…,
 * DOSSIER_STATE_UNREADABLE, FILE_…, CARD_….
 */
export async function runDossier(
  options: DossierOptions,
  io: ProgramIo,
  places: MachinePlaces = machinePlaces,
): Promise<number> {
  const config = await loadConfig(options.config);
  await checkState(config.state, options.config);
  const keys = options.keys ?? keysDirOf(config);
  const card = await readCard(options.card ?? join(keys, 'card.json'));
  const sources = { config, configFile: options.config, keys, card, io, places };
  const { dossier, faults } = await collect(sources);
  await print(textOf(dossier, options.format), options.out, io);
  for (const fault of faults) for (const line of issueLines(fault, io.lang)) io.err(line);
  return faults.length > 0 ? exitCodes.error : exitCodes.ok;
}

/** Without it a node with no agreements and one whose disk is not mounted would look alike. */
async function checkState(state: string, file: string): Promise<void> {
  try {
    await nodeDisk.list(state);
  } catch (cause) {
    const errno = errnoCode(cause) ?? String(cause);
    throw new DongboError('DOSSIER_STATE_UNREADABLE', { file, state, errno }, { cause });
  }
}

function textOf(dossier: Dossier, format: string): string {
  if (format === 'json') return `${JSON.stringify(dossier, undefined, 2)}\n`;
  const document = documentOf(dossier);
  return format === 'html' ? toHtml(document, dossier.language) : toMarkdown(document);
}

async function print(text: string, file: string | undefined, io: ProgramIo): Promise<void> {
  if (file === undefined) return io.out(text.trimEnd());
  try {
    await writeFileDurable(file, Buffer.from(text), { mode: fileMode });
  } catch (cause) {
    throw new DongboError('FILE_UNWRITABLE', { file, errno: errnoCode(cause) ?? String(cause) }, { cause });
  }
}
