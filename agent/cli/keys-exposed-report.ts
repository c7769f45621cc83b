/** What a member was able to read, for people, spreadsheets and programs. Records that cannot be named are counted. */
import { csvRow } from '#agent/audit/csv.ts';
import type { EpochLine, ExposedLine, Party } from '#agent/status/control-keys.ts';
import { type KeysWords, keysWords, plainText, timeText } from './keys-words.ts';
import type { ProgramIo } from './program-io.ts';
import { numberText } from './units.ts';

/** One for all spaces: for each, `begin`, then its epochs, then its items, then `end`. */
export interface ExposedReport {
  begin(space: string): void;
  /** An epoch that was granted to the member, whether or not anything is sealed under it. */
  epoch(line: EpochLine, member: Party, granted: number): void;
  item(line: ExposedLine): void;
  end(members: readonly Party[]): void;
}

/** Records of one member, one feed and one epoch. */
interface Sum {
  readonly first: ExposedLine;
  records: number;
  unnamed: number;
}

/** As many as there are epochs. */
class Sums {
  readonly #sums = new Map<string, Sum>();

  /** Whether the record can be named. */
  add(line: ExposedLine): boolean {
    const { member, publisher, incarnation, epoch } = line;
    const key = `${member.node} ${publisher.node} ${incarnation} ${epoch}`;
    const sum = this.#sums.get(key) ?? { first: line, records: 0, unnamed: 0 };
    this.#sums.set(key, sum);
    sum.records += 1;
    if (line.path === undefined) sum.unnamed += 1;
    return line.path !== undefined;
  }

  take(): readonly Sum[] {
    const all = [...this.#sums.values()];
    this.#sums.clear();
    return all;
  }
}

const partyText = ({ agency, name, node }: Party): string =>
  plainText(`${agency} ${name} ${node.slice(0, 8)}`);

export class ExposedText implements ExposedReport {
  readonly #io: ProgramIo;
  readonly #say: KeysWords;
  readonly #sums = new Sums();
  readonly #granted = new Set<string>();

  constructor(io: ProgramIo) {
    this.#io = io;
    this.#say = keysWords[io.lang];
  }

  begin(space: string): void {
    this.#granted.clear();
    this.#io.out(`${this.#say.space} ${space}`);
  }

  epoch({ publisher, labelClass, epoch }: EpochLine, member: Party, granted: number): void {
    const say = this.#say;
    if (!this.#granted.has(member.node))
      this.#io.out(`  ${say.member} ${partyText(member)} ${say.couldRead}`);
    this.#granted.add(member.node);
    const of = `${partyText(publisher)}: ${plainText(labelClass)} ${say.epoch} ${epoch}`;
    this.#io.out(`    ${of}, ${say.grantedTo} ${timeText(granted) ?? say.unknown}`);
  }

  item(line: ExposedLine): void {
    if (!this.#sums.add(line)) return;
    const { publisher, labelClass, epoch, time, state, fetched, path } = line;
    const say = this.#say;
    const of = `${plainText(publisher.agency)} ${plainText(labelClass)} ${epoch}`;
    const how = `${say.states[state]}, ${fetched ? say.fetched : say.notFetched}`;
    this.#io.out(`    ${of} ${timeText(time)} ${how}: ${JSON.stringify(plainText(path ?? ''))}`);
  }

  end(members: readonly Party[]): void {
    const say = this.#say;
    for (const member of members)
      if (!this.#granted.has(member.node)) this.#io.out(`  ${say.member} ${partyText(member)} ${say.never}`);
    for (const { first, records, unnamed } of this.#sums.take()) {
      const { member, publisher, labelClass, epoch } = first;
      const of = `  ${plainText(member.agency)} ← ${plainText(publisher.agency)}`;
      const count = (n: number) => numberText(n, this.#io.lang);
      if (epoch === 0) this.#io.out(`${of}: ${count(records)} ${say.undecided}`);
      else {
        const rest = unnamed > 0 ? `, ${count(unnamed)} ${say.unnamed}` : '';
        this.#io.out(
          `${of} ${plainText(labelClass)} ${say.epoch} ${epoch}: ${count(records)} ${say.total}${rest}`,
        );
      }
    }
  }
}

const columns = [
  ...['space', 'memberAgency', 'member', 'publisherAgency', 'publisher', 'incarnation'],
  ...['label', 'epoch', 'seq', 'time', 'state', 'fetched', 'path', 'count'],
] as const;

type Cells = Readonly<Record<string, string | number | boolean>>;

/** One row for each record that can be named, and one with a count for those of an epoch that cannot. */
abstract class ExposedRows implements ExposedReport {
  readonly #sums = new Sums();
  #space = '';

  protected abstract row(cells: Cells): void;

  begin(space: string): void {
    this.#space = space;
  }

  epoch({ publisher, incarnation, labelClass, epoch }: EpochLine, member: Party, granted: number): void {
    const time = timeText(granted) ?? '';
    this.row({ ...this.#of(member, publisher, incarnation, labelClass, epoch), time, state: 'granted' });
  }

  item(line: ExposedLine): void {
    if (!this.#sums.add(line)) return;
    const { seq, time, state, fetched, path = '' } = line;
    this.row({ ...this.#place(line), seq, time: timeText(time) ?? '', state, fetched, path, count: 1 });
  }

  end(): void {
    for (const { first, unnamed } of this.#sums.take())
      if (unnamed > 0)
        this.row({ ...this.#place(first), state: first.epoch === 0 ? 'unknown' : 'unnamed', count: unnamed });
  }

  #place({ member, publisher, incarnation, labelClass, epoch }: ExposedLine): Cells {
    return this.#of(member, publisher, incarnation, labelClass, epoch);
  }

  #of(member: Party, publisher: Party, incarnation: string, label: string, epoch: number): Cells {
    const from = { publisherAgency: publisher.agency, publisher: publisher.node, incarnation };
    const to = { memberAgency: member.agency, member: member.node };
    return { space: this.#space, ...to, ...from, label, ...(epoch === 0 ? {} : { epoch }) };
  }
}

export class ExposedCsv extends ExposedRows {
  readonly #io: ProgramIo;

  constructor(io: ProgramIo) {
    super();
    this.#io = io;
    io.out(csvRow(columns));
  }

  protected row(cells: Cells): void {
    this.#io.out(csvRow(columns.map((name) => cells[name] ?? '')));
  }
}

export class ExposedJson extends ExposedRows {
  readonly #io: ProgramIo;

  constructor(io: ProgramIo) {
    super();
    this.#io = io;
  }

  protected row(cells: Cells): void {
    this.#io.out(JSON.stringify(cells));
  }
}
