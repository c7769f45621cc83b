/** Texts for the states of a space, the status endpoint and the control socket. */
import type { Messages } from './catalogue.ts';

const nothingEn = 'Nothing: this is normal.';
const nothingVi = 'Không cần làm gì: đây là trạng thái bình thường.';

export const statusMessages = {
  UNEXPECTED: {
    en: 'A fault in dongbo itself',
    vi: 'Lỗi của chính chương trình dongbo',
    doEn: 'Start it again; send the lines below to the people who look after dongbo.',
    doVi: 'Khởi động lại; gửi các dòng dưới đây cho bộ phận phụ trách dongbo.',
  },
  DRAIN_TIMEOUT: {
    en: 'The agent did not come to rest within {seconds} s and was ended',
    vi: 'Tiến trình không dừng xong trong {seconds} giây nên đã bị kết thúc',
    doEn: 'Nothing is lost; it goes on where it was at the next start. If it happens again, report it.',
    doVi: 'Không mất dữ liệu; lần khởi động sau sẽ làm tiếp. Nếu lặp lại, hãy báo bộ phận phụ trách.',
  },
  STARTING: { en: 'The agent is starting', vi: 'Đang khởi động', doEn: nothingEn, doVi: nothingVi },
  STOPPING: { en: 'The agent is stopping', vi: 'Đang dừng', doEn: nothingEn, doVi: nothingVi },
  FIRST_SCAN: {
    en: 'The folder is being looked through for the first time since the start',
    vi: 'Đang quét thư mục lần đầu kể từ khi khởi động',
    doEn: nothingEn,
    doVi: nothingVi,
  },
  RECEIVING: {
    en: 'Changes are arriving and being written',
    vi: 'Đang nhận và ghi các thay đổi',
    doEn: nothingEn,
    doVi: nothingVi,
  },
  SENDING: {
    en: 'Changes are being sent',
    vi: 'Đang gửi các thay đổi',
    doEn: nothingEn,
    doVi: nothingVi,
  },
  RECEIPTS_AWAITED: {
    en: 'Everything is sent; the readers have not yet confirmed',
    vi: 'Đã gửi hết; đang chờ bên nhận xác nhận',
    doEn: nothingEn,
    doVi: nothingVi,
  },
  RECEIPT_OUTSTANDING: {
    en: 'A reader has not confirmed for more than a minute; it may be switched off',
    vi: 'Bên nhận chưa xác nhận sau hơn một phút; có thể máy bên đó đang tắt',
    doEn: 'If it lasts, ask the other agency for the state of its node.',
    doVi: 'Nếu kéo dài, hỏi cơ quan kia về tình trạng nút của họ.',
  },
  COMPARING: {
    en: 'A peer is connected; each is telling the other what it holds',
    vi: 'Đã kết nối; hai bên đang đối chiếu dữ liệu đang giữ',
    doEn: nothingEn,
    doVi: nothingVi,
  },
  NOT_COMPARED: {
    en: 'A peer is connected and has not told what it holds of this space for more than a minute',
    vi: 'Đã kết nối nhưng sau hơn một phút bên kia vẫn chưa cho biết đang giữ những gì của không gian này',
    doEn: '"dongbo status" shows the last fault with each peer. Most often the two hold different agreements: compare the digests with "dongbo agreement show".',
    doVi: '"dongbo status" cho biết lỗi gần nhất với từng bên. Thường do hai bên giữ hai văn bản thống nhất khác nhau: so sánh mã băm bằng "dongbo agreement show".',
  },
  RECORDS_WITHHELD: {
    en: 'A peer leaves out records of {feeds} feeds that it should pass on',
    vi: 'Có bên giữ lại, không chuyển đủ bản ghi của {feeds} dòng thay đổi',
    doEn: 'Look for FEED_WITHHELD in the log: it names the peer. Tell the security officer if it lasts.',
    doVi: 'Tìm FEED_WITHHELD trong nhật ký để biết bên nào. Nếu kéo dài, báo cán bộ an toàn thông tin.',
  },
  NO_PEER_CONNECTED: {
    en: 'No peer is connected',
    vi: 'Chưa kết nối được với bên nào',
    doEn: 'Check the network and the addresses under "peers:"; "dongbo status" shows the last fault of each link.',
    doVi: 'Kiểm tra mạng và các địa chỉ trong mục "peers:"; "dongbo status" cho biết lỗi gần nhất của từng kết nối.',
  },
  NO_PEER_KNOWN: {
    en: 'No peer of this space is configured or has called',
    vi: 'Không gian này chưa khai báo bên kết nối nào và cũng chưa có bên nào gọi đến',
    doEn: 'Add the relay or the other agency under "peers:".',
    doVi: 'Thêm trạm trung chuyển hoặc cơ quan kia vào mục "peers:".',
  },
  ITEM_PROBLEMS: {
    en: 'Some items have a problem; all others are in step',
    vi: 'Một số mục gặp lỗi; các mục còn lại đã đồng bộ',
    doEn: 'See them with "dongbo status --problems".',
    doVi: 'Xem danh sách bằng "dongbo status --problems".',
  },
  PENDING_NO_PROGRESS: {
    en: 'Changes wait to be written, a peer is connected, and nothing has moved for a minute',
    vi: 'Còn thay đổi chờ ghi, đã có kết nối, nhưng không tiến triển trong một phút',
    doEn: 'Look at the warnings in the log; ask the publisher whether its node is running.',
    doVi: 'Xem cảnh báo trong nhật ký; hỏi bên cung cấp xem nút của họ có đang chạy không.',
  },
  SEND_NO_PROGRESS: {
    en: 'Changes wait to be sent, a peer is connected, and nothing has moved for a minute',
    vi: 'Còn thay đổi chờ gửi, đã có kết nối, nhưng không tiến triển trong một phút',
    doEn: 'Look at the warnings in the log, here and at the peer (disk full there?).',
    doVi: 'Xem cảnh báo trong nhật ký ở đây và ở bên kia (có thể đĩa bên kia đã đầy).',
  },
  NO_SPACES: {
    en: 'No space is configured on this node',
    vi: 'Nút này chưa khai báo không gian chia sẻ nào',
    doEn: 'Accept an agreement and add its space to the configuration.',
    doVi: 'Chấp nhận nội dung thống nhất và khai báo không gian trong tệp cấu hình.',
  },
  STATUS_LISTEN_FAILED: {
    en: 'The status endpoint cannot listen on {address}:{port} ({errno})',
    vi: 'Không mở được cổng trạng thái {address}:{port} ({errno})',
    doEn: 'Choose a free port under "status:", or stop the program that holds it.',
    doVi: 'Chọn cổng khác trong mục "status:", hoặc dừng chương trình đang chiếm cổng này.',
  },
  STATUS_HOST_REFUSED: {
    en: 'A request for another host came to the status endpoint and was refused',
    vi: 'Đã từ chối một yêu cầu gửi sai tên máy đến cổng trạng thái',
    doEn: 'Use http://127.0.0.1 or http://localhost. If nobody asked, a web page on this machine may have tried.',
    doVi: 'Dùng http://127.0.0.1 hoặc http://localhost. Nếu không ai truy cập, có thể một trang web trên máy này đã thử.',
  },
  STATUS_UNAVAILABLE: {
    en: 'The status could not be gathered',
    vi: 'Không tổng hợp được trạng thái',
    doEn: 'Look at the errors in the log.',
    doVi: 'Xem các lỗi trong nhật ký.',
  },
  STATUS_NOT_RUNNING: {
    en: 'No agent answers at {url} ({errno})',
    vi: 'Không có tiến trình nào trả lời tại {url} ({errno})',
    doEn: 'Start it ("systemctl start dongbo" or "dongbo run"), or name its configuration: --config FILE.',
    doVi: 'Khởi động ("systemctl start dongbo" hoặc "dongbo run"), hoặc chỉ rõ tệp cấu hình: --config TỆP.',
  },
  STATUS_PORT_UNKNOWN: {
    en: 'The agent takes any free port for its status pages, and {file}, which tells which, cannot be read ({errno})',
    vi: 'Tiến trình tự chọn cổng trạng thái, nhưng không đọc được tệp {file} ghi số cổng ({errno})',
    doEn: 'Ask as root or under the account that runs the agent, or give a port under "status:".',
    doVi: 'Chạy lệnh bằng quyền root hoặc tài khoản đang chạy dongbo, hoặc đặt số cổng trong mục "status:".',
  },
  STATUS_FOREIGN: {
    en: 'What answers at {url} is not dongbo, or another version of it',
    vi: 'Chương trình trả lời tại {url} không phải dongbo hoặc khác phiên bản',
    doEn: 'Check the port under "status:", and restart the agent after an update.',
    doVi: 'Kiểm tra cổng trong mục "status:", và khởi động lại sau khi cập nhật.',
  },
  CONTROL_PATH_TOO_LONG: {
    en: 'The path {path} is too long for a socket (at most {limit} bytes)',
    vi: 'Đường dẫn {path} quá dài cho một socket (tối đa {limit} byte)',
    doEn: 'Choose a shorter state directory.',
    doVi: 'Chọn thư mục trạng thái có đường dẫn ngắn hơn.',
  },
  CONTROL_LISTEN_FAILED: {
    en: 'The control socket {path} cannot be opened ({errno})',
    vi: 'Không mở được socket điều khiển {path} ({errno})',
    doEn: 'Check that the account that runs dongbo owns the state directory.',
    doVi: 'Kiểm tra xem tài khoản chạy dongbo có sở hữu thư mục trạng thái không.',
  },
  CONTROL_UNREACHABLE: {
    en: 'The agent cannot be reached through {path} ({errno})',
    vi: 'Không liên lạc được với tiến trình qua {path} ({errno})',
    doEn: 'Start the agent, and run this command as root or as the account that runs dongbo.',
    doVi: 'Khởi động dongbo, và chạy lệnh này bằng root hoặc tài khoản chạy dongbo.',
  },
  CONTROL_MALFORMED: {
    en: 'A command through the control socket was not understood',
    vi: 'Lệnh gửi qua socket điều khiển không hợp lệ',
    doEn: 'Use the "dongbo" command of the same version as the agent.',
    doVi: 'Dùng lệnh "dongbo" cùng phiên bản với tiến trình đang chạy.',
  },
  CONTROL_FAILED: {
    en: 'The agent could not carry out the command',
    vi: 'Tiến trình không thực hiện được lệnh',
    doEn: 'Look at the errors in the log.',
    doVi: 'Xem các lỗi trong nhật ký.',
  },
  SPACE_UNKNOWN: {
    en: 'The space {space} is not configured on this node',
    vi: 'Không gian {space} chưa được khai báo trên nút này',
    doEn: 'See the ids with "dongbo status".',
    doVi: 'Xem mã các không gian bằng "dongbo status".',
  },
  RELEASE_NOTHING: {
    en: 'The space {space} has no halt that a person may lift',
    vi: 'Không gian {space} không có lệnh dừng nào cần người có thẩm quyền gỡ bỏ',
    doEn: 'See its state with "dongbo status". Other halts lift themselves when their cause is gone.',
    doVi: 'Xem trạng thái bằng "dongbo status". Các lệnh dừng khác tự hết khi nguyên nhân không còn.',
  },
  RELEASE_NO_REASON: {
    en: 'A release needs a reason: it goes on the record',
    vi: 'Gỡ lệnh dừng phải nêu lý do: lý do được lưu vào nhật ký',
    doEn: 'Give it: --reason "…".',
    doVi: 'Nêu lý do: --reason "…".',
  },
} as const satisfies Messages;
