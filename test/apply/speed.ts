/**
 * Prints how fast this machine applies: `npm exec node test/apply/speed.ts [files] [MiB of one large file]`. Figures,
 * never a test. Set TMPDIR to choose the file system.
 */
import { randomBytes } from 'node:crypto';
import { Author } from './author.ts';
import { Reader } from './reader.ts';

const [files = 5000, largeMiB = 256] = process.argv.slice(2).map(Number);
const leastBytes = 1024;
const mostBytes = 16 * 1024;
const perSegment = 512;

interface Row {
  readonly 'per second': number;
  readonly 'per CPU second': number;
}

/** `amount` for each second that went by, and for each second that a processor worked. */
async function rate(reader: Reader, amount: number): Promise<Row> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  while (reader.state.pendingCount() > 0) await reader.apply();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    'per second': Math.round(amount / seconds),
    'per CPU second': Math.round((amount / (user + system)) * 1e6),
  };
}

async function smallFiles(round: number, reader: Reader, author: Author): Promise<Row> {
  for (let from = 0; from < files; from += perSegment) {
    const changes = Array.from({ length: Math.min(perSegment, files - from) }, (_, i) => {
      const n = from + i;
      const size = leastBytes + ((n * 7919) % (mostBytes - leastBytes));
      return author.file(`d${Math.floor(n / 100)}/f${n}`, randomBytes(size + round));
    });
    await reader.take(author, author.segment(...changes));
  }
  return rate(reader, files);
}

async function largeFile(reader: Reader, author: Author): Promise<Row> {
  await reader.take(author, author.segment(author.file('large', randomBytes(largeMiB * 1024 * 1024))));
  return rate(reader, largeMiB * 1.048576);
}

await using reader = await Reader.open();
const author = new Author(1);
const rows: Record<string, Row> = {};
if (files > 0) {
  rows['new small files'] = await smallFiles(0, reader, author);
  rows['replaced small files'] = await smallFiles(1, reader, author);
}
if (largeMiB > 0) rows[`one file of ${largeMiB} MiB: MB`] = await largeFile(reader, author);
console.table(rows);
