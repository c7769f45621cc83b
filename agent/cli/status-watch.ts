/** `dongbo status --watch`: a bar for each space and each peer; plain lines where there is no terminal. */
import cliProgress, { type MultiBar, type SingleBar } from 'cli-progress';
import type { Language } from '#agent/core/messages/language.ts';
import type { Snapshot } from '#agent/status/snapshot.ts';
import type { ProgramIo } from './program-io.ts';
import { type ProgressRow, ProgressTracker } from './status-progress.ts';
import { statusWords } from './status-words.ts';
import { bytesText, durationText, numberText } from './units.ts';

const screenMs = 500;
const linesMs = 1_000;

interface View extends Disposable {
  show(rows: readonly ProgressRow[]): void;
}

/** Until the signal is aborted, or `fetch` fails. */
export async function watchStatus(fetch: () => Promise<Snapshot>, io: ProgramIo): Promise<void> {
  const tracker = new ProgressTracker();
  const tty = io.screen.isTTY === true;
  using view: View = tty ? new Bars(io) : new Lines(io);
  while (!io.signal.aborted) {
    view.show(tracker.observe(await fetch(), io.clock.monotonic()));
    await io.clock.sleep(tty ? screenMs : linesMs, io.signal).catch(() => undefined);
  }
}

class Bars implements View {
  readonly #multi: MultiBar;
  readonly #lang: Language;
  readonly #bars = new Map<string, SingleBar>();

  constructor({ screen, lang }: ProgramIo) {
    this.#lang = lang;
    const options = {
      stream: screen,
      format: '{label} {bar} {share}% {text}',
      hideCursor: true,
      linewrap: false,
      clearOnComplete: false,
      forceRedraw: true,
      gracefulExit: false,
      barsize: 24,
    };
    this.#multi = new cliProgress.MultiBar(options, cliProgress.Presets.shades_classic);
  }

  show(rows: readonly ProgressRow[]): void {
    for (const row of rows) {
      const { done, total } = wholeWhenIdle(row);
      const payload = {
        label: label(row),
        share: Math.floor((100 * done) / total),
        text: rowText(row, this.#lang),
      };
      const bar = this.#bars.get(row.key) ?? this.#multi.create(total, done, payload);
      this.#bars.set(row.key, bar);
      bar.setTotal(total);
      bar.update(done, payload);
    }
    this.#multi.update();
  }

  [Symbol.dispose](): void {
    this.#multi.stop();
  }
}

/** A line per row, only when something other than the speed has changed. */
class Lines implements View {
  readonly #io: ProgramIo;
  readonly #last = new Map<string, string>();

  constructor(io: ProgramIo) {
    this.#io = io;
  }

  show(rows: readonly ProgressRow[]): void {
    for (const row of rows) {
      const { space, peer, done, total } = row;
      const standing = peer ? [peer.connected, peer.inStep] : [space.state, space.reason];
      const facts = [...standing, done, total].join(' ');
      if (this.#last.get(row.key) === facts) continue;
      this.#last.set(row.key, facts);
      this.#io.out(`${label(row).trim()}: ${rowText(row, this.#io.lang)}`);
    }
  }

  [Symbol.dispose](): void {}
}

/** Nothing to do is all done: a bar of 0 of 0 would stay empty. */
const wholeWhenIdle = ({ done, total }: ProgressRow): { done: number; total: number } =>
  total === 0 ? { done: 1, total: 1 } : { done, total };

const labelWidth = 20;
const label = ({ space, peer }: ProgressRow): string =>
  (peer ? `  ↔ ${peer.agency}` : space.name).slice(0, labelWidth).padEnd(labelWidth);

export function rowText(row: ProgressRow, language: Language): string {
  const say = statusWords[language];
  const { space, peer, done, total, unit, rate, wireRate, eta } = row;
  const amount = (n: number) => numberText(n, language);
  const parts: string[] = [
    peer ? (peer.connected ? say.connected : say.disconnected) : say.states[space.state],
  ];
  if (!peer && space.reason) parts.push(space.reason);
  if (total > 0) parts.push(`${amount(done)} / ${amount(total)} ${say[unit]}`);
  if (peer && wireRate >= 1) parts.push(`${bytesText(wireRate, language)}/s`);
  else if (!peer && rate > 0 && done < total) parts.push(`${amount(rate)}/s`);
  if (eta !== undefined) parts.push(`${say.left} ${durationText(eta)}`);
  return parts.join(', ');
}
