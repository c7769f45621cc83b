/** The words of `dongbo keys`. */
export const keysWords = {
  en: {
    space: 'Space',
    none: 'no epochs',
    noSpaces: 'This node keeps no spaces; a relay holds no keys',
    epoch: 'epoch',
    this: 'this node',
    since: 'since',
    unknown: 'unknown',
    current: 'current',
    earlier: 'earlier',
    destroyed: 'destroyed',
    withheld: 'not granted to this node',
    live: 'live records',
    grantedTo: 'granted to',
    rotated: 'Epoch',
    nothing: 'nothing has been sealed yet, so there is nothing to rotate',
    member: 'Member',
    never: 'was never granted an epoch of another node here',
    couldRead: 'could read, and can still open if it has kept it:',
    fetched: 'fetched',
    notFetched: 'no receipt',
    states: { live: 'live', deleted: 'deleted', superseded: 'replaced since', unknown: 'unknown' },
    total: 'records in all',
    unnamed: 'that this node cannot name',
    undecided: 'from before the key ledger, whose label is no longer known: it may have read them',
    why: {
      new: 'first of its label',
      'readers-changed': 'other readers',
      timetable: 'timetable',
      'by-hand': 'by hand',
      'secret-lost': 'its key was lost',
      'new-form': 'items are sealed in another form now',
    } as Readonly<Record<string, string>>,
  },
  vi: {
    space: 'Không gian',
    none: 'chưa có kỳ khoá',
    noSpaces: 'Nút này không có không gian nào; trạm trung chuyển không giữ khoá',
    epoch: 'kỳ khoá',
    this: 'nút này',
    since: 'từ',
    unknown: 'không rõ',
    current: 'hiện hành',
    earlier: 'trước đây',
    destroyed: 'đã huỷ',
    withheld: 'không cấp cho nút này',
    live: 'bản ghi còn hiệu lực',
    grantedTo: 'cấp cho',
    rotated: 'Kỳ khoá',
    nothing: 'chưa niêm phong gì nên không có khoá để đổi',
    member: 'Thành viên',
    never: 'chưa từng được cấp kỳ khoá của nút khác tại đây',
    couldRead: 'đã có thể đọc, và vẫn mở được nếu còn giữ:',
    fetched: 'đã nhận',
    notFetched: 'chưa có biên nhận',
    states: { live: 'còn hiệu lực', deleted: 'đã xoá', superseded: 'đã thay bản mới', unknown: 'không rõ' },
    total: 'bản ghi tất cả',
    unnamed: 'nút này không xác định được tên',
    undecided: 'có từ trước sổ khoá, không còn biết nhãn: có thể bên đó đã đọc',
    why: {
      new: 'đầu tiên của nhãn',
      'readers-changed': 'thay đổi bên đọc',
      timetable: 'theo lịch',
      'by-hand': 'đổi thủ công',
      'secret-lost': 'mất khoá',
      'new-form': 'dữ liệu được niêm phong theo dạng mới',
    } as Readonly<Record<string, string>>,
  },
} as const;

export type KeysWords = (typeof keysWords)['en' | 'vi'];

/** Milliseconds since the Unix epoch as UTC; undefined for 0. */
export const timeText = (ms: number): string | undefined =>
  ms === 0 ? undefined : new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** What others named never drives the terminal. */
export const plainText = (text: string): string => text.replace(/\p{C}/gu, '\u{fffd}');
