/** Texts of `agent/cycle/`: what one turn of a space, or what a peer sent, can tell a person. */
import type { Messages } from './catalogue.ts';

export const cycleMessages = {
  STORE_SUDDENLY_EMPTY: {
    en: 'The folder is empty, and held {items} items before; nothing was deleted at the other agencies, the deletes wait',
    vi: 'Thư mục hiện trống, trong khi trước đó có {items} mục; dữ liệu ở các cơ quan khác chưa bị xoá, các thao tác xoá đang được giữ lại',
    doEn: 'Look whether the right disk is mounted and the documents are there. If all were deleted on purpose, run "dongbo release".',
    doVi: 'Kiểm tra đã gắn đúng ổ đĩa và tài liệu còn ở đó không. Nếu chủ ý xoá hết, chạy "dongbo release".',
  },
  MASS_DELETE_LOCAL: {
    en: '{deletes} of {items} items were deleted in the folder within ten minutes; nothing of this was deleted at the other agencies, the deletes wait',
    vi: '{deletes} trên {items} mục trong thư mục bị xoá trong vòng mười phút; dữ liệu ở các cơ quan khác chưa bị xoá, các thao tác xoá đang được giữ lại',
    doEn: 'Find out who deleted them. Put them back (a backup, or the trash of another agency): then it goes on by itself. Or, if it was meant, run "dongbo release".',
    doVi: 'Làm rõ ai đã xoá. Khôi phục lại (từ bản sao lưu hoặc thùng rác của cơ quan khác), hoặc nếu chủ ý xoá thì chạy "dongbo release".',
  },
  LOCAL_EDIT_NOT_SHARED: {
    en: 'This item was changed here, and by the agreement this node does not publish: the change stays on this machine. When the next version comes from elsewhere, that one is written here and this one kept beside it under another name',
    vi: 'Mục này đã bị sửa tại đây, nhưng theo nội dung thống nhất nút này không có vai trò cung cấp: thay đổi chỉ nằm trên máy này. Khi có phiên bản mới từ nơi khác, phiên bản đó được ghi vào đây, bản sửa này được giữ lại bên cạnh dưới tên khác',
    doEn: 'Move your own version out of the folder, or ask the owner of the agreement for the role "publish".',
    doVi: 'Chuyển bản sửa ra ngoài thư mục, hoặc đề nghị bên chủ trì cấp vai trò cung cấp (publish).',
  },
  VERSION_SPENT: {
    en: 'This item was changed here, but another member has counted its versions up to the limit, so that no newer one can be written: the change stays on this machine',
    vi: 'Mục này đã bị sửa tại đây, nhưng một thành viên khác đã đẩy số phiên bản của mục đến giới hạn nên không ghi được phiên bản mới hơn: thay đổi chỉ nằm trên máy này',
    doEn: 'Copy it to another name: that one is shared. Tell the owner of the agreement; no sound node counts like this.',
    doVi: 'Sao chép sang tên khác: bản đó được chia sẻ. Báo bên chủ trì thống nhất; nút bình thường không đếm như vậy.',
  },
  ITEM_UNSHARABLE: {
    en: 'This item cannot be shared: the other nodes would refuse it ({field}: {rule}). Everything else is shared',
    vi: 'Không chia sẻ được mục này: các nút khác sẽ từ chối ({field}: {rule}). Các mục khác vẫn được chia sẻ bình thường',
    doEn: 'Change what is named, or copy the content to a new file with a plain name; report it, since no item should come to this.',
    doVi: 'Sửa đúng điểm vừa nêu, hoặc sao chép nội dung sang tệp mới có tên thông thường; báo lỗi này cho bên hỗ trợ.',
  },
  ITEM_NOT_TAKEN: {
    en: 'The node {peer} refuses this item ({refusal}); it was left out there, and everything else was brought',
    vi: 'Nút {peer} từ chối nhận mục này ({refusal}); mục bị để lại, các mục khác đã được chuyển đầy đủ',
    doEn: 'Save the file once more. If it is refused again, that node runs another version or is faulty: tell its people.',
    doVi: 'Lưu lại tệp một lần nữa. Nếu vẫn bị từ chối, nút đó chạy phiên bản khác hoặc bị lỗi: báo cho đơn vị vận hành.',
  },
  FILES_CHANGING: {
    en: 'What changes faster than it can be read waits, since {since}; the other agencies have the version before, or none',
    vi: 'Nội dung thay đổi nhanh hơn tốc độ đọc nên phải chờ, từ {since}; các cơ quan khác đang có phiên bản trước hoặc chưa có',
    doEn: '"dongbo status --problems" names the files. Let the program that writes come to rest, or have it write elsewhere and put finished copies here. A file that is only appended to, such as a log, can be named under "growing" in the configuration.',
    doVi: '"dongbo status --problems" cho biết tên tệp. Chờ chương trình ghi xong, hoặc cho chương trình ghi ở nơi khác rồi chép bản hoàn chỉnh vào đây. Tệp chỉ ghi nối thêm (như nhật ký) có thể khai báo ở mục "growing" trong cấu hình.',
  },
  FEED_UNWRITABLE: {
    en: 'Nothing can be published in space {space}: the other nodes would refuse it ({field}: {rule}). Nothing was written to the feed',
    vi: 'Không công bố được trong không gian {space}: các nút khác sẽ từ chối ({field}: {rule}). Chưa ghi gì vào dòng thay đổi',
    doEn: 'Check the clock of this machine, and that the approval of its system in the agreement is still valid. Tried again by itself.',
    doVi: 'Kiểm tra đồng hồ của máy này và hạn phê duyệt hệ thống trong nội dung thống nhất. Hệ thống sẽ tự thử lại.',
  },
  FEED_REJOINED: {
    en: 'Others hold later changes of this node (up to {seq}) than it knows itself: it was restored from an old image, or cloned. It goes on under a new feed and first takes back what it had published (space {space})',
    vi: 'Bên khác đang giữ thay đổi mới hơn của chính nút này (đến số {seq}) mà nút không còn biết: nút được khôi phục từ bản sao cũ hoặc bị nhân bản. Nút mở dòng thay đổi mới và nhận lại những gì từng công bố (không gian {space})',
    doEn: 'If this node was restored: nothing. If there is a second machine with the same keys, switch it off now.',
    doVi: 'Nếu nút vừa được khôi phục: không cần làm gì. Nếu có máy khác dùng cùng bộ khoá, hãy tắt máy đó ngay.',
  },
  FEED_WITHHELD: {
    en: 'The node {peer} left out record {seq} of the feed of {node}, and nothing later excuses that (space {space})',
    vi: 'Nút {peer} đã bỏ bớt bản ghi số {seq} trong dòng thay đổi của nút {node} mà không có bản ghi sau thay thế (không gian {space})',
    doEn: 'It is asked for again. If it lasts, the relay or that peer is faulty or hostile: tell the security officer.',
    doVi: 'Hệ thống sẽ hỏi lại. Nếu kéo dài, trạm trung chuyển hoặc bên đó bị lỗi hoặc cố ý giữ lại: báo cán bộ an toàn thông tin.',
  },
  GRANT_MISSING: {
    en: 'Changes of the node {node} (from {seq} on) are sealed under a key that was not granted to this node',
    vi: 'Các thay đổi của nút {node} (từ số {seq}) được niêm phong bằng khoá chưa cấp cho nút này',
    doEn: 'Ask that agency: its node must hold the same agreement, with this node as a subscriber. They are read as soon as the key comes.',
    doVi: 'Hỏi cơ quan đó: nút của họ phải có cùng nội dung thống nhất, trong đó nút này là bên khai thác. Khi có khoá, hệ thống sẽ tự đọc.',
  },
  WITHDRAWAL_BEGUN: {
    en: 'The label of {items} items was raised: what {members} members had been sent of them is withdrawn (records {first} to {last})',
    vi: 'Đã nâng mức {items} mục: thu hồi bản đã gửi cho {members} thành viên (bản ghi {first} đến {last})',
    doEn: 'Nothing. The status shows who has yet to confirm.',
    doVi: 'Không cần làm gì. Trạng thái cho biết bên nào chưa xác nhận.',
  },
  WITHDRAWAL_CONFIRMED: {
    en: 'The node {node} has signed that it holds nothing more of {items} withdrawn items',
    vi: 'Nút {node} đã ký xác nhận không còn giữ {items} mục bị thu hồi',
    doEn: 'Nothing.',
    doVi: 'Không cần làm gì.',
  },
  WITHDRAWAL_UNCONFIRMED: {
    en: 'The node {node} has not confirmed for {hours} hours that it has given up {items} items whose label was raised',
    vi: 'Quá {hours} giờ nút {node} vẫn chưa xác nhận đã huỷ {items} mục được nâng mức',
    doEn: 'Ask that agency: its node may be off, or a person there has to lift a stop. Until it confirms, take it that it still holds them.',
    doVi: 'Hỏi cơ quan đó: nút có thể đang tắt, hoặc cần người gỡ lệnh dừng. Chừng nào chưa xác nhận, coi như nút đó vẫn giữ dữ liệu.',
  },
  SPACE_HANGS: {
    en: 'Space {space}: nothing has moved for {minutes} minutes in the midst of its work; the service manager starts the agent anew',
    vi: 'Không gian {space}: công việc dở dang không tiến triển trong {minutes} phút; trình quản lý dịch vụ sẽ khởi động lại tác tử',
    doEn: 'Look at the disk of the folder: a network disk that does not answer, or one that fails, holds up whoever reads it.',
    doVi: 'Kiểm tra ổ đĩa chứa thư mục: ổ đĩa mạng không phản hồi hoặc ổ đĩa hỏng sẽ làm treo mọi thao tác đọc.',
  },
  NODE_DISK_ERROR: {
    en: 'The disk refused an operation of the regular housekeeping ({errno}): reading agreements again, or emptying the trash',
    vi: 'Đĩa từ chối một thao tác định kỳ của nút ({errno}): đọc lại nội dung thống nhất hoặc dọn thùng rác',
    doEn: 'Look at the disk, its free space and its permissions. The agent tries again by itself; nothing is lost.',
    doVi: 'Kiểm tra đĩa, dung lượng trống và quyền truy cập. Tác tử tự thử lại; không có dữ liệu nào bị mất.',
  },
  SPACE_DISK_ERROR: {
    en: 'Space {space}: the disk refused an operation ({errno})',
    vi: 'Không gian {space}: đĩa từ chối một thao tác ({errno})',
    doEn: 'Look at the disk, its free space and its permissions. The agent tries again by itself; nothing is lost.',
    doVi: 'Kiểm tra đĩa, dung lượng trống và quyền truy cập. Tác tử tự thử lại; không có dữ liệu nào bị mất.',
  },
} as const satisfies Messages;
