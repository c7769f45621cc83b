/** Texts of the state cipher and its device: never the name or content of an item. */
import type { Messages } from './catalogue.ts';

export const cipherMessages = {
  CIPHER_BINDING_MISSING: {
    en: 'The optional package pkcs11js is not installed, so the state cipher device cannot be used',
    vi: 'Chưa cài gói tuỳ chọn pkcs11js nên không sử dụng được thiết bị mật mã',
    doEn: 'Install g++, make and python3, run "npm rebuild pkcs11js" (or "npm ci"), and start again.',
    doVi: 'Cài g++, make và python3, chạy "npm rebuild pkcs11js" (hoặc "npm ci") rồi khởi động lại.',
  },
  CIPHER_MODULE_UNUSABLE: {
    en: 'The library {module} of the state cipher device cannot be used ({reason})',
    vi: 'Không sử dụng được thư viện {module} của thiết bị mật mã ({reason})',
    doEn: "Check stateCipher.module, the permissions of the file and the maker's own settings.",
    doVi: 'Kiểm tra stateCipher.module, quyền đọc tệp và cấu hình của nhà sản xuất.',
  },
  CIPHER_TOKEN_ABSENT: {
    en: 'Exactly one token with the label {token} is wanted; {found} are there',
    vi: 'Cần đúng một thiết bị (token) có nhãn {token}; hiện tìm thấy {found}',
    doEn: 'Put the device in, or correct stateCipher.tokenLabel; it is looked for again by itself.',
    doVi: 'Cắm thiết bị, hoặc sửa stateCipher.tokenLabel; hệ thống sẽ tự tìm lại.',
  },
  CIPHER_MECHANISM_MISSING: {
    en: 'The state cipher device does not offer {mechanism}',
    vi: 'Thiết bị mật mã không hỗ trợ {mechanism}',
    doEn: 'Ask its maker for a firmware or product that does.',
    doVi: 'Đề nghị nhà sản xuất cung cấp phiên bản hoặc sản phẩm có hỗ trợ.',
  },
  CIPHER_PIN_UNREADABLE: {
    en: 'The file {file} with the PIN of the device cannot be read ({errno})',
    vi: 'Không đọc được tệp {file} chứa mã PIN của thiết bị ({errno})',
    doEn: 'Give it as a systemd credential, readable by the service only, holding nothing but the PIN.',
    doVi: 'Cấp tệp qua systemd credential, chỉ dịch vụ đọc được, trong tệp chỉ có mã PIN.',
  },
  CIPHER_PIN_WRONG: {
    en: 'The PIN for the token {token} is wrong; it is not tried again, or the token would lock itself',
    vi: 'Mã PIN của thiết bị {token} không đúng; hệ thống không thử lại để tránh khoá thiết bị',
    doEn: 'Correct the file stateCipher.pinFile, then restart the service.',
    doVi: 'Sửa tệp stateCipher.pinFile rồi khởi động lại dịch vụ.',
  },
  CIPHER_PIN_LOCKED: {
    en: 'The token {token} is locked, or one wrong PIN away from it',
    vi: 'Thiết bị {token} đã bị khoá, hoặc sẽ bị khoá nếu nhập sai mã PIN thêm một lần',
    doEn: "Log in with the maker's tool, which resets the count, or have it unlocked; then restart the service.",
    doVi: 'Đăng nhập bằng công cụ của nhà sản xuất để xoá số lần sai, hoặc đề nghị mở khoá; rồi khởi động lại dịch vụ.',
  },
  CIPHER_KEY_ABSENT: {
    en: 'Exactly one AES key with the label {key} is wanted in the device; {found} are there',
    vi: 'Cần đúng một khoá AES có nhãn {key} trong thiết bị; hiện tìm thấy {found}',
    doEn: 'Have the key brought into the device, or correct stateCipher.keyLabel.',
    doVi: 'Đề nghị nạp khoá vào thiết bị, hoặc sửa stateCipher.keyLabel.',
  },
  CIPHER_KEY_UNFIT: {
    en: 'The key {key} is not fit for state secrets: {attribute} is not as it must be',
    vi: 'Khoá {key} không đủ điều kiện dùng cho bí mật nhà nước: thuộc tính {attribute} không đúng yêu cầu',
    doEn: 'It must be AES-256, sensitive, not extractable, and allowed to derive keys.',
    doVi: 'Khoá phải là AES-256, không đọc ra được (sensitive, không extractable) và được phép dẫn xuất khoá.',
  },
  CIPHER_KEY_OTHER: {
    en: 'The device holds another key under {key} than the one that these items are sealed under',
    vi: 'Khoá {key} trong thiết bị khác với khoá đã dùng để mã hoá các mục này',
    doEn: 'Compare the check values with the other agency; the key authority brings in the right key.',
    doVi: 'Đối chiếu giá trị kiểm tra với cơ quan kia; đơn vị cấp khoá nạp lại đúng khoá.',
  },
  CIPHER_DEVICE_GONE: {
    en: 'The state cipher device does not answer ({reason}); secret items wait, nothing of them is lost',
    vi: 'Thiết bị mật mã không phản hồi ({reason}); các mục mật tạm dừng, không mất dữ liệu',
    doEn: 'Put the device back; it goes on by itself.',
    doVi: 'Cắm lại thiết bị; hệ thống tự tiếp tục.',
  },
  CIPHER_NOT_AS_AGREED: {
    en: 'The configured state cipher ({name}, approval {approval}) is not the one that the agreement names',
    vi: 'Sản phẩm mật mã trong cấu hình ({name}, số phê duyệt {approval}) không khớp với nội dung thống nhất',
    doEn: 'Correct stateCipher in the configuration, or amend the agreement.',
    doVi: 'Sửa stateCipher trong cấu hình, hoặc sửa đổi nội dung thống nhất.',
  },
  CIPHER_READY: {
    en: 'The state cipher device is in use: {name}, approval {approval}, up to {highest}',
    vi: 'Thiết bị mật mã đã sẵn sàng: {name}, số phê duyệt {approval}, đến độ mật {highest}',
    doEn: 'Nothing to do.',
    doVi: 'Không cần làm gì.',
  },
  SECRET_PATH_NOT_MARKED: {
    en: 'A secret item came for a path that no rule of this node marks as secret; it is kept sealed and not written',
    vi: 'Có mục mật gửi đến đường dẫn chưa được quy tắc của nút này đánh dấu mật; mục được giữ nguyên dạng mã hoá, chưa ghi ra',
    doEn: 'Agree with the sender where secrets go, and mark that folder under "labels" with secrecy, decidedBy and decisionRef.',
    doVi: 'Thống nhất với bên gửi thư mục chứa mục mật, và khai báo thư mục đó ở "labels" kèm secrecy, decidedBy và decisionRef.',
  },
} as const satisfies Messages;
