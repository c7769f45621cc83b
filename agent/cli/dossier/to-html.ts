/** The document as one HTML file for printing on A4: no script, no reference to anything outside itself. */
import type { Language } from '#agent/core/messages/language.ts';
import type { Block } from './block.ts';

const style = `
@page { size: A4; margin: 20mm 15mm 20mm 25mm; }
body { font: 11pt/1.4 "Times New Roman", "Liberation Serif", serif; color: #000; background: #fff;
  max-width: 190mm; margin: 0 auto; padding: 5mm; }
h1 { font-size: 16pt; text-align: center; }
h2 { font-size: 13pt; margin-top: 8mm; break-after: avoid; }
h3 { font-size: 11.5pt; break-after: avoid; }
table { border-collapse: collapse; width: 100%; font-size: 9.5pt; }
th, td { border: 0.3pt solid #444; padding: 1mm 1.5mm; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; white-space: pre-line; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
pre { font: 8.5pt/1.3 "Liberation Mono", monospace; border: 0.3pt solid #444; padding: 2mm; white-space: pre-wrap; }
ul.notes li { font-weight: bold; }
@media print { body { padding: 0; max-width: none; } }
`;

export function toHtml(blocks: readonly Block[], language: Language): string {
  const title = blocks.find((block) => block.is === 'heading')?.text ?? '';
  return [
    '<!DOCTYPE html>',
    `<html lang="${language}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    ...blocks.map(blockText),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function blockText(block: Block): string {
  switch (block.is) {
    case 'heading':
      return `<h${block.level}>${escaped(block.text)}</h${block.level}>`;
    case 'text':
      return `<p>${escaped(block.text)}</p>`;
    case 'notes':
      return `<ul class="notes">${block.texts.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`;
    case 'diagram':
      return `<pre>${escaped(block.text)}</pre>`;
    default:
      return [
        '<table>',
        `<thead><tr>${block.head.map((text) => `<th>${escaped(text)}</th>`).join('')}</tr></thead>`,
        '<tbody>',
        ...block.rows.map((row) => `<tr>${row.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>`),
        '</tbody>',
        '</table>',
      ].join('\n');
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string =>
  text.replaceAll(/[^\n\P{C}]/gu, '\u{fffd}').replaceAll(/[&<>"']/g, (mark) => entities[mark] ?? '');
