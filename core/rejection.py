"""The catalogue of reasons why a record is no event: a reason that is not here cannot be given."""

from typing import Literal

from core.language import Text

Reason = Literal[
    "no_known_format",
    "not_syslog",
    "not_pam",
    "not_nginx_access",
    "not_apache_access",
    "not_fortigate",
    "not_journald",
    "not_a_document",
    "ended_the_pipeline",
]
"""Kept as `error.code` of the stored record: stable, the same in every language."""

REASONS: dict[Reason, Text] = {
    "no_known_format": Text(
        vi="không thuộc định dạng nào đã biết: không phải syslog, FortiGate, nhật ký truy cập web hay bản ghi journald",
        en="no known format: neither a syslog envelope, a FortiGate line, an access log line nor a journal entry",
    ),
    "not_syslog": Text(
        vi="không phải syslog: đầu dòng không có mức ưu tiên và không có thời điểm",
        en="not syslog: no priority and no time stamp at the start",
    ),
    "not_pam": Text(
        vi="không phải dòng của một mô-đun PAM: không bắt đầu bằng pam_MÔĐUN(DỊCH VỤ:LOẠI):",
        en="not a line of a PAM module: it does not begin with pam_MODULE(SERVICE:TYPE):",
    ),
    "not_nginx_access": Text(
        vi="không phải dòng nhật ký truy cập của nginx (định dạng common hoặc combined)",
        en="not an access line of nginx (common or combined format)",
    ),
    "not_apache_access": Text(
        vi="không phải dòng nhật ký truy cập của apache (định dạng common hoặc combined)",
        en="not an access line of apache (common or combined format)",
    ),
    "not_fortigate": Text(
        vi="không phải dòng FortiGate: thiếu type và devid, devname hoặc logid",
        en="not a FortiGate line: type and devid, devname or logid are missing",
    ),
    "not_journald": Text(
        vi="không phải bản ghi journald: không có đối tượng JSON nào mang MESSAGE",
        en="not a journal entry: no JSON object with MESSAGE",
    ),
    "not_a_document": Text(
        vi="không phải một đối tượng JSON, hay đã bị cắt vì quá dài",
        en="not a JSON object, or cut because it was too long",
    ),
    "ended_the_pipeline": Text(
        vi="xử lý bản ghi này đã ba lần làm dừng tiến trình; nguyên văn được giữ trên kệ (thư mục shelf)",
        en="working on this record ended the process three times; it is kept whole on the shelf (folder shelf)",
    ),
}
