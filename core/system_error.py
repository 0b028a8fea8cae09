"""What the operating system refused, in words a user reads in either language."""

import errno

from core.language import Text

_KNOWN = {
    errno.ENOSPC: Text(vi="hết chỗ trên đĩa", en="no space left on the disk"),
    errno.EDQUOT: Text(vi="vượt hạn mức đĩa", en="disk quota exceeded"),
    errno.EACCES: Text(vi="không có quyền truy cập", en="permission denied"),
    errno.EPERM: Text(vi="hệ điều hành không cho phép", en="operation not permitted"),
    errno.EROFS: Text(vi="hệ thống tệp chỉ cho đọc", en="read-only file system"),
    errno.EIO: Text(vi="lỗi đọc ghi của đĩa", en="input/output error of the disk"),
    errno.ENOENT: Text(vi="không có tệp hoặc thư mục này", en="no such file or directory"),
    errno.ENOTDIR: Text(vi="không phải thư mục", en="not a directory"),
    errno.EISDIR: Text(vi="là một thư mục", en="is a directory"),
    errno.EMFILE: Text(vi="tiến trình mở quá nhiều tệp", en="too many open files in the process"),
    errno.ENFILE: Text(vi="máy mở quá nhiều tệp", en="too many open files on the machine"),
    errno.ENOMEM: Text(vi="hết bộ nhớ", en="out of memory"),
    errno.EADDRINUSE: Text(vi="địa chỉ đã có chương trình khác dùng", en="address already in use"),
    errno.EADDRNOTAVAIL: Text(vi="máy không có địa chỉ này", en="the machine does not have this address"),
}


def reason_of(error: OSError) -> Text:
    """The reason without the file's name; the system's own English words where we have none."""
    known = _KNOWN.get(error.errno or 0)
    if known is not None:
        return known
    words = error.strerror or str(error)
    return Text(words, words)
