/** A small tree such as an office keeps: Vietnamese names, an empty folder, a link, a larger scan. */
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const texts: readonly (readonly [path: string, text: string])[] = [
  [
    'Công văn đến/2026-11 Báo cáo tháng Sở Nội vụ.txt',
    'Báo cáo tình hình thực hiện nhiệm vụ tháng 11 năm 2026.\n',
  ],
  ['Công văn đến/Tờ trình số 15 về chỉnh lý hồ sơ.txt', 'Kính trình lãnh đạo Sở xem xét, cho ý kiến.\n'],
  [
    'Công văn đi/Kế hoạch đồng bộ dữ liệu quý IV.txt',
    'I. Mục đích, yêu cầu\nII. Nội dung\nIII. Tổ chức thực hiện\n',
  ],
  ['Biểu mẫu/Mẫu số 01 - Phiếu yêu cầu chia sẻ dữ liệu.csv', 'Mục,Nội dung\nCơ quan,\nDữ liệu,\nThời hạn,\n'],
  ['Danh mục/đơn vị hành chính.csv', 'mã,tên\n01,Hà Nội\n79,Thành phố Hồ Chí Minh\n92,Cần Thơ\n'],
];

/** Bytes that look like a scan: repeatable, not compressible by eye. */
function scanBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let x = 0x2545f491;
  for (let i = 0; i < size; i += 1) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = x & 0xff;
  }
  return bytes;
}

export async function writeSampleDocuments(root: string): Promise<void> {
  for (const [path, text] of texts) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await mkdir(join(root, 'Hồ sơ lưu trữ'), { recursive: true });
  await mkdir(join(root, 'Bản quét'), { recursive: true });
  await writeFile(join(root, 'Bản quét/Quyết định 1562 (bản quét).bin'), scanBytes(3_000_000));
  await utimes(join(root, 'Danh mục/đơn vị hành chính.csv'), 1_700_000_000.123, 1_700_000_000.123);
  await symlink('../Danh mục/đơn vị hành chính.csv', join(root, 'Biểu mẫu/danh mục hiện hành.csv'));
}
