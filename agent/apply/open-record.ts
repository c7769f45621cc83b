/** One record of a feed, opened under its epoch. Nothing in it is believed: it may come from a hostile member. */
import { rulesOf } from '#agent/core/cells.ts';
import { decodeChange } from '#agent/core/change-codec.ts';
import { type DongboError, isCode } from '#agent/core/errors.ts';
import type { ItemChange } from '#agent/core/item.ts';
import type { GrantRecord, ItemRecord } from '#agent/core/record.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import { away, orAway } from './or-away.ts';
import type { ApplyKeys } from './ports.ts';

export type Opened =
  | {
      readonly outcome: 'item';
      readonly change: ItemChange;
      readonly epoch: number;
      readonly labelClass: string;
    }
  | { readonly outcome: 'grant'; readonly record: GrantRecord }
  /** This node holds no grant of the epoch, or its device for state secrets is away: the record stays as it is. */
  | { readonly outcome: 'no-key'; readonly labelClass: string; readonly epoch: number }
  /** `code` is RECORD_TAMPERED, RECORD_MALFORMED or PATH_ESCAPES; `rule` says what it breaks. */
  | { readonly outcome: 'refused'; readonly code: string; readonly rule: string };

export async function openRecord(
  bytes: Uint8Array,
  keysFor: (epoch: number) => Promise<ApplyKeys | undefined>,
): Promise<Opened> {
  const record = orRefused(() => decodeRecord(bytes));
  if ('outcome' in record) return record;
  return record.type === 'grant' ? { outcome: 'grant', record } : openItem(record, keysFor);
}

async function openItem(
  { epoch, labelClass, sealed }: ItemRecord,
  keysFor: (epoch: number) => Promise<ApplyKeys | undefined>,
): Promise<Opened> {
  const keys = await keysFor(epoch);
  if (!keys) return { outcome: 'no-key', labelClass, epoch };
  if (keys.labelClass !== labelClass) return tampered('label class of its epoch');
  const plain = orAway(() => keys.openRecord(sealed));
  if (plain === away) return { outcome: 'no-key', labelClass, epoch };
  if (!plain) return tampered('seal');
  const change = orRefused(() => decodeChange(plain, rulesOf(keys.form)));
  return 'outcome' in change ? change : { outcome: 'item', change, epoch, labelClass };
}

const tampered = (rule: string): Opened => ({ outcome: 'refused', code: 'RECORD_TAMPERED', rule });

type Refused = Extract<Opened, { outcome: 'refused' }>;

function orRefused<T>(decode: () => T): T | Refused {
  try {
    return decode();
  } catch (error) {
    if (!isCode(error, 'CODEC_MALFORMED')) throw error;
    return refusal(error);
  }
}

/** A path that may not name an item is told apart from other malformed fields: it is an attempt to get out. */
function refusal({ details }: DongboError): Refused {
  const { field, rule } = details;
  if (field === 'path' && rule !== undefined) {
    return { outcome: 'refused', code: 'PATH_ESCAPES', rule: String(rule) };
  }
  return { outcome: 'refused', code: 'RECORD_MALFORMED', rule: String(rule ?? field ?? 'form') };
}
