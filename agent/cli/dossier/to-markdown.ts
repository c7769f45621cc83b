/** The document as Markdown (tables as GitHub and Pandoc read them). Nothing in a value can become markup. */
import type { Block } from './block.ts';

export const toMarkdown = (blocks: readonly Block[]): string => `${blocks.map(blockText).join('\n\n')}\n`;

function blockText(block: Block): string {
  switch (block.is) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escaped(block.text)}`;
    case 'text':
      return escaped(block.text);
    case 'notes':
      return block.texts.map((text) => `- **!** ${escaped(text)}`).join('\n');
    case 'diagram':
      return ['```text', block.text.replaceAll('```', "'''"), '```'].join('\n');
    default:
      return [rowText(block.head), `|${' --- |'.repeat(block.head.length)}`, ...block.rows.map(rowText)].join(
        '\n',
      );
  }
}

const rowText = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;

const escaped = (text: string): string =>
  text
    .replaceAll(/\s*\n\s*/g, ' / ')
    .replaceAll(/\p{C}/gu, '\u{fffd}')
    .replaceAll(/[\\`*_[\]<>|#~&!]/g, (mark) => `\\${mark}`);
