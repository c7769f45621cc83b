/** Reads the commands out of a page of the documentation. */

export interface Block {
  /** Line of the page on which the block begins. */
  readonly line: number;
  readonly text: string;
  /** `# variables`: the page's own settings; `# on: NODE`: where to run it. */
  readonly on: string;
  /** `# background`: keeps running. */
  readonly background: boolean;
}

/** `<!-- test: stop NODE … -->`: here the reader presses Ctrl-C. */
export interface Stop {
  readonly line: number;
  readonly stop: readonly string[];
}

export type PageStep = Block | Stop;

/** All `sh` blocks and stops of a page in their order. Throws for a block that does not say where to run it. */
export function readPage(markdown: string): readonly PageStep[] {
  const steps: PageStep[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const stop = /^<!-- test: stop (.+) -->$/.exec(lines[at] ?? '');
    if (stop?.[1]) steps.push({ line: at + 1, stop: stop[1].split(' ') });
    if (lines[at] !== '```sh') continue;
    const end = lines.indexOf('```', at + 1);
    steps.push(blockOf(lines.slice(at + 1, end), at + 1));
    at = end;
  }
  return steps;
}

function blockOf(lines: readonly string[], line: number): Block {
  const on = /^# (?:on: )?(variables|a|b|relay)$/.exec(lines[0] ?? '')?.[1];
  if (!on) throw new Error(`line ${line}: the block must begin with "# variables" or "# on: NODE"`);
  return { line, text: lines.join('\n'), on, background: lines[1] === '# background' };
}

/** The names that the page's variables block sets. */
export const variablesOf = (block: Block): readonly string[] =>
  [...block.text.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1] ?? '');
