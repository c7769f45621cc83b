/** Texts of `agent/apply/`. */
import type { Messages } from './catalogue.ts';

export const applyMessages = {
  RECORD_TAMPERED: {
    en: 'Record {seq} of node {node} does not open: {rule}',
    vi: 'Bản ghi số {seq} của nút {node} không mở được ({rule}), có dấu hiệu bị can thiệp',
    doEn: 'Tell the publisher and whoever runs the relay. Nothing of this record was written.',
    doVi: 'Báo cho bên cung cấp và đơn vị vận hành trạm trung chuyển. Không có nội dung nào của bản ghi này được ghi xuống đĩa.',
  },
  RECORD_MALFORMED: {
    en: 'Record {seq} of node {node} breaks a rule of the format: {rule}',
    vi: 'Bản ghi số {seq} của nút {node} sai quy cách ({rule})',
    doEn: 'Ask the publisher which version of dongbo it runs. Nothing of this record was written.',
    doVi: 'Hỏi bên cung cấp đang dùng phiên bản dongbo nào. Không có nội dung nào của bản ghi này được ghi xuống đĩa.',
  },
  PATH_ESCAPES: {
    en: 'An item would have been written outside the shared folder ({rule}); it was refused',
    vi: 'Một mục có đường dẫn trỏ ra ngoài thư mục chia sẻ ({rule}) đã bị từ chối',
    doEn: 'If the status names a publisher, tell it. If a folder on this machine was replaced by a link, put the folder back.',
    doVi: 'Nếu trạng thái nêu tên bên cung cấp thì báo cho bên đó. Nếu một thư mục trên máy này đã bị thay bằng liên kết thì khôi phục lại thư mục.',
  },
  CHUNK_TAMPERED: {
    en: 'A piece of this file arrived altered; nothing was written and it will be asked for again',
    vi: 'Một khối của tệp này bị thay đổi trên đường truyền; chưa ghi gì xuống đĩa và sẽ yêu cầu gửi lại',
    doEn: 'If it stays, check the relay that this node uses.',
    doVi: 'Nếu tình trạng kéo dài, kiểm tra trạm trung chuyển mà nút này đang dùng.',
  },
  CHUNK_MISSING: {
    en: 'A piece of this file has not arrived yet',
    vi: 'Một khối của tệp này chưa về tới nơi',
    doEn: 'Nothing: it is asked for again by itself.',
    doVi: 'Không cần làm gì: hệ thống tự yêu cầu lại.',
  },
  CONTENT_MISMATCH: {
    en: 'The content of this file is not what its publisher signed ({rule}); nothing was written',
    vi: 'Nội dung tệp không khớp với điều bên cung cấp đã ký ({rule}); chưa ghi gì xuống đĩa',
    doEn: 'Ask the publisher to save the file again.',
    doVi: 'Đề nghị bên cung cấp lưu lại tệp.',
  },
  NAME_CLASH: {
    en: 'Another item here has a name that this disk takes for the same (letter case or accents)',
    vi: 'Ở đây đã có mục khác mà ổ đĩa này coi là trùng tên (khác chữ hoa, chữ thường hoặc cách mã hoá dấu)',
    doEn: 'Rename one of the two at its publisher.',
    doVi: 'Đổi tên một trong hai mục tại bên cung cấp.',
  },
  NAME_NOT_POSSIBLE: {
    en: 'The file system here does not take this name ({errno})',
    vi: 'Hệ thống tệp ở đây không chấp nhận tên này ({errno})',
    doEn: 'Give the item a shorter or simpler name at its publisher.',
    doVi: 'Đặt tên ngắn hơn hoặc đơn giản hơn tại bên cung cấp.',
  },
  PARENT_IN_THE_WAY: {
    en: 'The folder that this item belongs in is a {kind} here',
    vi: 'Thư mục chứa mục này ở đây lại không phải là thư mục (loại: {kind})',
    doEn: 'Rename what stands in its place.',
    doVi: 'Đổi tên mục đang chiếm chỗ của thư mục.',
  },
  DIR_NOT_EMPTY: {
    en: 'This folder was deleted elsewhere, but holds items here that are not shared; it was kept',
    vi: 'Thư mục này đã bị xoá ở nơi khác nhưng tại đây còn chứa mục không chia sẻ; thư mục được giữ lại',
    doEn: 'Move those items elsewhere, or delete the folder.',
    doVi: 'Chuyển các mục đó đi nơi khác, hoặc xoá thư mục.',
  },
  TREE_CONTRADICTS: {
    en: 'The publisher deleted or replaced this folder, and still shares items in it: both cannot be; what is here was kept',
    vi: 'Bên cung cấp đã xoá hoặc thay thế thư mục này nhưng vẫn chia sẻ mục bên trong: hai điều không thể cùng đúng; dữ liệu tại đây được giữ lại',
    doEn: 'Tell the publisher: it must delete the items in the folder, or share the folder again.',
    doVi: 'Báo bên cung cấp: cần xoá các mục trong thư mục, hoặc chia sẻ lại thư mục.',
  },
  WRITE_DENIED: {
    en: 'The system does not let dongbo write this item ({errno})',
    vi: 'Hệ thống không cho phép dongbo ghi mục này ({errno})',
    doEn: 'Give the service user write permission on the folder, and check that the disk is not mounted read-only.',
    doVi: 'Cấp quyền ghi thư mục cho tài khoản dịch vụ và kiểm tra ổ đĩa không bị gắn ở chế độ chỉ đọc.',
  },
  ATTRIBUTES_NOT_SET: {
    en: 'Of {items} items that were received, the mode or time could not be set: they belong to another account here, or the file system has none; their content is complete',
    vi: 'Có {items} mục đã nhận đủ nội dung nhưng không đặt được quyền hoặc thời gian: chúng thuộc tài khoản khác trên máy này, hoặc hệ thống tệp không có các thuộc tính đó',
    doEn: 'Nothing, if that is meant. Else give these files to the account of the service (chown); the next change from their publisher sets both.',
    doVi: 'Không cần làm gì nếu đó là chủ ý. Nếu không, chuyển các tệp này cho tài khoản của dịch vụ (chown); lần thay đổi sau từ bên cung cấp sẽ đặt lại.',
  },
  WRITE_FAILED: {
    en: 'Writing this item failed ({errno})',
    vi: 'Ghi mục này không thành công ({errno})',
    doEn: 'Check the disk; the item is tried again.',
    doVi: 'Kiểm tra ổ đĩa; hệ thống sẽ thử lại.',
  },
  FSYNC_FAILED: {
    en: 'The disk did not confirm that this item is safely stored ({errno}); it does not count as received',
    vi: 'Ổ đĩa không xác nhận đã lưu an toàn mục này ({errno}); mục chưa được coi là đã nhận',
    doEn: 'Check the disk and its cables and logs at once: it may be failing.',
    doVi: 'Kiểm tra ngay ổ đĩa, cáp nối và nhật ký hệ thống: ổ đĩa có thể sắp hỏng.',
  },
  OTHER_FILE_SYSTEM: {
    en: 'This folder lies on another file system than the root of the space',
    vi: 'Thư mục này nằm trên hệ thống tệp khác với thư mục gốc của không gian chia sẻ',
    doEn: 'Do not mount file systems inside a shared folder; make it a space of its own.',
    doVi: 'Không gắn hệ thống tệp khác vào trong thư mục chia sẻ; hãy lập không gian chia sẻ riêng cho nó.',
  },
  DISK_FULL: {
    en: 'The disk is full; receiving waits, and nothing was cut short',
    vi: 'Ổ đĩa đã đầy; việc nhận tạm dừng, không có tệp nào bị ghi dở dang',
    doEn: 'Free some space. The trash in .dongbo/trash may be emptied of what is no longer needed.',
    doVi: 'Giải phóng dung lượng. Có thể xoá những gì không còn cần trong thùng rác .dongbo/trash.',
  },
  PRIVATE_FOLDER_DAMAGED: {
    en: 'The folder {folder} is missing from the shared folder, or is not a folder',
    vi: 'Thư mục {folder} trong thư mục chia sẻ bị thiếu hoặc không phải là thư mục',
    doEn: 'Check that the right disk is mounted, and restart dongbo.',
    doVi: 'Kiểm tra đã gắn đúng ổ đĩa chưa, rồi khởi động lại dongbo.',
  },
  MASS_DELETE_INCOMING: {
    en: 'Other agencies have deleted or withdrawn {deletes} of {items} items at once; nothing was deleted here',
    vi: 'Cơ quan khác đã xoá hoặc thu hồi cùng lúc {deletes} trên {items} mục; ở đây chưa xoá gì',
    doEn: 'Ask the publisher. If it is meant: "dongbo release". What is withdrawn goes from the trash too.',
    doVi: 'Hỏi lại bên cung cấp. Nếu là có chủ đích: chạy lệnh "dongbo release". Mục bị thu hồi sẽ bị xoá cả trong thùng rác.',
  },
  MASS_WITHDRAWAL: {
    en: 'Publishers have withdrawn {items} items since last night, more than {limit}: none of the rest has been destroyed here',
    vi: 'Các bên cung cấp đã thu hồi {items} mục kể từ đêm qua, quá mức {limit}: phần còn lại ở đây chưa bị huỷ',
    doEn: 'Ask the publisher. If it is meant: "dongbo release". What is withdrawn is destroyed, in the trash too.',
    doVi: 'Hỏi lại bên cung cấp. Nếu là có chủ đích: chạy lệnh "dongbo release". Mục bị thu hồi sẽ bị huỷ, kể cả trong thùng rác.',
  },
  WITHDRAWN: {
    en: 'Node {node} has raised the label of {items} items above what this node is cleared for: their copies here were destroyed, earlier versions in the trash too',
    vi: 'Nút {node} đã nâng mức của {items} mục lên trên mức nút này được nhận: các bản ở đây đã bị huỷ, kể cả bản cũ trong thùng rác',
    doEn: 'Nothing. Whoever still needs them asks the publisher, or its agency for a higher clearance of this node.',
    doVi: 'Không cần làm gì. Ai còn cần thì hỏi bên cung cấp, hoặc đề nghị nâng mức được nhận của nút này.',
  },
  WITHDRAWN_NOT_ALONE: {
    en: 'A publisher raised the label of this item, so it may not be shared here any more; another brought the same content, or it was made here, or who brought it is not known, so it was not destroyed but moved into {folder} of the shared folder',
    vi: 'Một bên cung cấp đã nâng mức của mục này nên không được dùng chung ở đây nữa; nội dung này còn do bên khác gửi, do nút này tạo ra, hoặc không rõ nguồn gốc, nên không bị huỷ mà được chuyển vào {folder} của thư mục chia sẻ',
    doEn: 'Agree with the publisher who may keep it. What is yours you may keep elsewhere; else delete the file in {folder}. Do not put it back into the shared folder.',
    doVi: 'Thống nhất với bên cung cấp về việc ai được giữ. Nếu là tài liệu của mình thì cất ở nơi khác; nếu không thì xoá tệp trong {folder}. Không đưa tệp trở lại thư mục chia sẻ.',
  },
  RECORD_LABEL_REFUSED: {
    en: 'A change from node {node} (number {seq}) was refused: {rule}. Nothing was written or withdrawn for it',
    vi: 'Thay đổi số {seq} từ nút {node} bị từ chối: {rule}. Không ghi và không thu hồi gì theo thay đổi đó',
    doEn: 'Tell the publisher: its program or its label rules do not keep to the agreement.',
    doVi: 'Báo bên cung cấp: chương trình hoặc quy tắc nhãn của bên đó không theo nội dung thống nhất.',
  },
  WITHDRAWN_BUT_EDITED: {
    en: 'The publisher raised the label of this item, so it may not be shared here any more; it holds changes that only this node has, and was moved into {folder} of the shared folder',
    vi: 'Bên cung cấp đã nâng mức của mục này nên không được dùng chung ở đây nữa; mục có sửa đổi chỉ có ở nút này nên đã được chuyển vào {folder} của thư mục chia sẻ',
    doEn: 'Hand the changes to the publisher by the road for its new label, then delete the file in {folder}. Do not put it back into the shared folder.',
    doVi: 'Chuyển phần sửa đổi cho bên cung cấp theo đường dành cho mức mới, rồi xoá tệp trong {folder}. Không đưa tệp trở lại thư mục chia sẻ.',
  },
} as const satisfies Messages;
