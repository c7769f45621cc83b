/** Open halts and problems, by code and number; items have no names here. */
import { render } from '#agent/core/messages/index.ts';
import { type Block, heading, paragraph, table } from './block.ts';
import { stateText } from './common-words.ts';
import type { Dossier } from './dossier-schema.ts';

const words = {
  en: {
    title: '10. Open halts and problems',
    stopped: (code: string) =>
      `The agent does not answer on this machine (${code}): what is halted or has problems is not known. Start it and print the dossier again.`,
    since: (time: string) => `The agent runs since ${time}.`,
    head: ['Space', 'State', 'Halt', 'Problems by code', 'Items', 'Withheld (R37)', 'Last full look'],
    release: 'a person must release it',
    itself: 'ends by itself',
    none: 'none',
  },
  vi: {
    title: '10. Lệnh dừng và lỗi đang tồn tại',
    stopped: (code: string) =>
      `Chương trình trên máy này không trả lời (${code}): không biết không gian nào đang tạm dừng hoặc có lỗi. Khởi động chương trình rồi in lại hồ sơ.`,
    since: (time: string) => `Chương trình chạy từ ${time}.`,
    head: [
      'Không gian',
      'Trạng thái',
      'Lệnh dừng',
      'Số lỗi theo mã',
      'Số mục',
      'Không được cung cấp (R37)',
      'Lần quét toàn bộ gần nhất',
    ],
    release: 'phải có người gỡ',
    itself: 'tự hết',
    none: 'không có',
  },
} as const;

export function runningSection({ running, language }: Dossier): Block[] {
  const say = words[language];
  if (!running.is) return [heading(2, say.title), paragraph(say.stopped(running.code))];
  const rows = running.spaces.map((space) => [
    `${space.name} (${space.space})`,
    stateText(space.state, language) + (space.reason === undefined ? '' : `: ${space.reason}`),
    haltText(space.halt, language),
    Object.entries(space.problemCodes)
      .map(([code, count]) => `${code}: ${count}`)
      .join('\n') || say.none,
    String(space.items),
    String(space.withheldRecords),
    space.lastScan ?? '–',
  ]);
  return [heading(2, say.title), paragraph(say.since(running.started)), table(say.head, rows)];
}

type Halt = Extract<Dossier['running'], { is: true }>['spaces'][number]['halt'];

function haltText(halt: Halt, language: Dossier['language']): string {
  const say = words[language];
  if (!halt) return say.none;
  return `${halt.code} (${halt.needsRelease ? say.release : say.itself})\n${render(halt.code, {}, language).todo}`;
}
