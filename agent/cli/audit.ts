/** `dongbo audit verify|show|export`: reads the state directory, beside a running agent or without one. */
import { type Period, readRecords } from '#agent/audit/read-records.ts';
import type { AuditRecord } from '#agent/audit/record.ts';
import { verifyLog } from '#agent/audit/verify.ts';
import { readWitnesses } from '#agent/audit/witness-file.ts';
import { parseAgencyId } from '#agent/core/agency.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { NodeId } from '#agent/core/ids.ts';
import { auditDir } from '#agent/cycle/audit-parts.ts';
import { loadIdentity } from '#agent/seal/identity.ts';
import { verifySignature } from '#agent/seal/verify.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { csvHeader, csvLine, isSharing } from './audit-export.ts';
import { recordReading } from './audit-reading.ts';
import { auditWords } from './audit-words.ts';
import { readCard } from './card-file.ts';
import { keysDirOf, loadConfig } from './config.ts';
import type { Config } from './config-schema.ts';
import { issueLines } from './error-text.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';
import { numberText } from './units.ts';

export interface AuditOptions {
  readonly config: string;
  /** Where the keys are, when they are not where the configuration says (a stopped service). */
  readonly keys?: string;
  /** The node's card, for whoever has no keys. */
  readonly card?: string;
  readonly from?: string;
  readonly to?: string;
  readonly agency?: string;
  readonly format?: string;
}

/** Returns 1 when anything was changed or is missing. Throws CONFIG_…, IDENTITY_…. */
export async function runAuditVerify(options: AuditOptions, io: ProgramIo): Promise<number> {
  const { config, node } = await begin(options, 'verify', io);
  const say = auditWords[io.lang];
  const parts = { dir: auditDir(config.state), disk: nodeDisk, node, verify: verifySignature };
  const witnesses = await readWitnesses(config.state, parts);
  const { first, last, head, fault, borneOut, acknowledged } = await verifyLog(parts, witnesses);
  if (fault) {
    const { code, ...rest } = fault;
    const details = { ...rest, log: fault.file };
    for (const line of issueLines({ code, details }, io.lang)) io.err(line);
    return exitCodes.error;
  }
  if (!head) {
    io.out(say.empty);
    return exitCodes.ok;
  }
  io.out(`${say.sound}: ${numberText(last - first + 1, io.lang)} ${say.records} (${first}–${last})`);
  io.out(`  ${say.signed}: ${head.seq} ${head.hash} ${head.time}`);
  if (borneOut > 0) io.out(`  ${say.borneOut}: ${borneOut}`);
  for (const { agency, head } of acknowledged)
    io.out(`  ${say.acknowledged}: ${head.seq} ${head.hash} ${agency}`);
  if (last > head.seq) io.out(`  ${last - head.seq} ${say.beyond}`);
  return exitCodes.ok;
}

/** Throws CONFIG_…, IDENTITY_…, AUDIT_PERIOD, AGENCY_MALFORMED. */
export async function runAuditShow(options: AuditOptions, io: ProgramIo): Promise<number> {
  const period = periodOf(options);
  const agency = agencyOf(options);
  const { config } = await begin(options, commandText('show', options), io);
  for await (const record of readRecords(nodeDisk, auditDir(config.state), period))
    if (concerns(record, agency)) for (const line of recordLines(record, io)) io.out(line);
  return exitCodes.ok;
}

function recordLines({ seq, time, type, fields }: AuditRecord, { lang }: ProgramIo): string[] {
  const word = auditWords[lang].types[type];
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${plain(value)}`);
  return [`${seq} ${time} ${plain(type)}${word === undefined ? '' : ` (${word})`}`, `  ${shown.join(' ')}`];
}

/** A record may have been forged: nothing in it drives the terminal. */
const plain = (value: unknown): string => {
  const text = String(value).replace(/\p{C}/gu, '\u{fffd}');
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
};

/** Throws CONFIG_…, IDENTITY_…, AUDIT_PERIOD, AGENCY_MALFORMED. */
export async function runAuditExport(options: AuditOptions, io: ProgramIo): Promise<number> {
  const period = periodOf(options);
  const agency = agencyOf(options);
  const { config } = await begin(options, commandText('export', options), io);
  const csv = options.format !== 'json';
  if (csv) io.out(csvHeader);
  for await (const record of readRecords(nodeDisk, auditDir(config.state), period)) {
    if (!isSharing(record, agency)) continue;
    io.out(csv ? csvLine(record) : JSON.stringify(record));
  }
  return exitCodes.ok;
}

const agencyOf = ({ agency }: AuditOptions): string | undefined =>
  agency === undefined ? undefined : parseAgencyId(agency).id;

/** Whether a record names the agency, in whatever part. */
const concerns = ({ fields }: AuditRecord, agency: string | undefined): boolean =>
  agency === undefined || Object.values(fields).some((value) => String(value).split(' ').includes(agency));

async function begin(
  { config: file, keys, card }: AuditOptions,
  command: string,
  io: ProgramIo,
): Promise<{ readonly config: Config; readonly node: NodeId }> {
  const config = await loadConfig(file);
  const identity = card === undefined ? await loadIdentity(keys ?? keysDirOf(config)) : undefined;
  const { node } = identity ?? (await readCard(card ?? ''));
  await recordReading(config, identity, command, io);
  return { config, node };
}

const commandText = (name: string, { from, to, agency, format }: AuditOptions): string =>
  [name, ...Object.entries({ from, to, agency, format }).flatMap(([k, v]) => (v ? [`${k}=${v}`] : []))]
    .join(' ')
    .slice(0, 400);

const instant = /^\d{4}-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?Z?)?)?$/;
/** Greater than anything that can follow: a day or month that is named last is meant whole. */
const whole = '~';

function periodOf({ from, to }: AuditOptions): Period {
  for (const value of [from, to])
    if (value !== undefined && !instant.test(value)) throw new DongboError('AUDIT_PERIOD', { value });
  const plainTo = to?.includes('T') ? to : to && `${to}${whole}`;
  return {
    ...(from === undefined ? {} : { from: from.replace(/Z$/, '') }),
    ...(plainTo === undefined ? {} : { to: plainTo.replace(/Z$/, '') }),
  };
}
