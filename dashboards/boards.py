"""The dashboards. Queries are Lucene's query_string, as Grafana's Elasticsearch data source sends them."""

from core.language import Text
from dashboards.grafana import Dashboard, distinct, last_heard, lines, metric, over_time, top, total

LOG_IN = "event.category:authentication"
FAILED = f"{LOG_IN} AND event.outcome:failure"
WEB = "event.category:web"
WALL = "event.dataset:fortinet.fortigate"
WINDOWS = "event.module:windows"

PROVINCE = Dashboard(
    "canh-province",
    Text("Toàn tỉnh", "State of the province"),
    (
        total(Text("Sự kiện", "Events"), "*"),
        total(Text("Đăng nhập không thành", "Failed log-ins"), FAILED),
        total(Text("Không phân tích được", "Not parsed"), "event.kind:pipeline_error"),
        distinct(Text("Máy gửi nhật ký", "Hosts that report"), "*", "host.name"),
        distinct(Text("Địa chỉ nguồn", "Source addresses"), "*", "source.ip"),
        distinct(Text("Tài khoản", "Accounts"), "*", "user.name"),
        over_time(Text("Sự kiện theo nguồn", "Events by data set"), "*", "event.dataset"),
        over_time(Text("Sự kiện theo đơn vị", "Events by unit"), "*", "canh.unit"),
        top(Text("Đơn vị", "Units"), "*", "canh.unit"),
        top(Text("Máy", "Hosts"), "*", "host.name"),
        top(Text("Nước của địa chỉ nguồn", "Countries of sources"), "*", "source.geo.country_name"),
        top(Text("Hành động", "Actions"), "*", "event.action"),
        metric(
            Text("Cảnh báo theo mức", "Alerts by level"), "canh_alerts_total", way="increase", by=("level",), width=12
        ),
        metric(Text("Luật trúng", "Rule hits"), "canh_rule_hits_total", way="increase", by=("rule",), width=12),
    ),
)

SOURCES = Dashboard(
    "canh-sources",
    Text("Nguồn và sự im lặng", "Sources and silence"),
    (
        last_heard(Text("Máy: lần cuối có tin", "Hosts: last heard"), "*", "host.name"),
        last_heard(Text("Nguồn dữ liệu: lần cuối có tin", "Data sets: last heard"), "*", "event.dataset"),
        over_time(Text("Sự kiện theo máy", "Events by host"), "*", "host.name", width=24),
        over_time(Text("Không phân tích được", "Not parsed"), "event.kind:pipeline_error", "error.code"),
        top(Text("Vì sao không phân tích được", "Why not parsed"), "event.kind:pipeline_error", "error.code"),
        top(Text("Gửi từ địa chỉ", "Sent from"), "*", "log.source.address"),
    ),
)

INGEST = Dashboard(
    "canh-ingest",
    Text("Tiếp nhận và mất mát", "Ingest and loss"),
    (
        metric(Text("Nhận mỗi giây", "Received per second"), "canh_records_received_total"),
        metric(Text("Vào hàng đợi mỗi giây", "Spooled per second"), "canh_records_spooled_total", by=("partition",)),
        metric(Text("Lưu mỗi giây", "Stored per second"), "canh_events_stored_total"),
        metric(Text("Tồn đọng", "Backlog"), "canh_backlog_records", way="now"),
        metric(Text("Hàng đợi trên đĩa", "Spool on disk"), "canh_spool_bytes", way="now", unit="bytes"),
        metric(
            Text("Mất trước hàng đợi", "Lost before the spool"),
            "canh_records_dropped_total",
            way="increase",
            by=("source", "reason"),
        ),
        metric(Text("Hỏng trong hàng đợi", "Damaged in the spool"), "canh_records_damaged_total", way="increase"),
        metric(Text("Mất theo kho", "Lost with the store"), "canh_events_lost_total", way="increase", by=("reason",)),
        metric(
            Text("Không phân tích được", "Not parsed"), "canh_records_rejected_total", way="increase", by=("stage",)
        ),
        metric(Text("Lên kệ", "On the shelf"), "canh_records_shelved_total", way="increase"),
        metric(Text("Bị cắt", "Cut"), "canh_records_truncated_total", way="increase"),
        metric(Text("Cửa Elasticsearch", "Bulk door"), "canh_bulk_requests_total", by=("status",)),
        metric(Text("Bộ nhớ", "Memory"), "canh_process_resident_bytes", way="now", unit="bytes", width=12),
        metric(
            Text("Kết nối đang mở", "Open connections"), "canh_connections_open", way="now", by=("source",), width=12
        ),
    ),
)

AUTHENTICATION = Dashboard(
    "canh-authentication",
    Text("Đăng nhập", "Authentication"),
    (
        total(Text("Đăng nhập", "Log-ins"), LOG_IN, width=6),
        total(Text("Không thành", "Failed"), FAILED, width=6),
        distinct(Text("Tài khoản bị thử", "Accounts tried"), FAILED, "user.name", width=6),
        distinct(Text("Địa chỉ thử", "Addresses that tried"), FAILED, "source.ip", width=6),
        over_time(Text("Theo kết quả", "By outcome"), LOG_IN, "event.outcome"),
        over_time(Text("Không thành theo máy", "Failed by host"), FAILED, "host.name"),
        top(Text("Tài khoản bị thử", "Accounts tried"), FAILED, "user.name"),
        top(Text("Địa chỉ thử", "Addresses that tried"), FAILED, "source.ip"),
        top(Text("Chương trình", "Programs"), LOG_IN, "process.name"),
        top(Text("Thành công từ", "Successful from"), f"{LOG_IN} AND event.outcome:success", "source.ip"),
        lines(Text("Không thành, mới nhất", "Failed, newest"), FAILED),
    ),
)

PORTALS = Dashboard(
    "canh-web",
    Text("Cổng thông tin", "Web portals"),
    (
        total(Text("Yêu cầu", "Requests"), WEB, width=6),
        total(Text("Lỗi phía máy chủ", "Server errors"), f"{WEB} AND http.response.status_code:[500 TO 599]", width=6),
        total(
            Text("Lỗi phía người dùng", "Client errors"), f"{WEB} AND http.response.status_code:[400 TO 499]", width=6
        ),
        distinct(Text("Người dùng", "Visitors"), WEB, "source.ip", width=6),
        over_time(Text("Theo mã trả lời", "By status"), WEB, "http.response.status_code"),
        over_time(Text("Theo phương thức", "By method"), WEB, "http.request.method"),
        top(Text("Đường dẫn", "Paths"), WEB, "url.path"),
        top(Text("Địa chỉ", "Addresses"), WEB, "source.ip"),
        top(Text("Không tìm thấy", "Not found"), f"{WEB} AND http.response.status_code:404", "url.path"),
        top(Text("Trình duyệt", "User agents"), WEB, "user_agent.original"),
    ),
)

FIREWALL = Dashboard(
    "canh-firewall",
    Text("Tường lửa", "Firewall"),
    (
        over_time(Text("Theo hành động", "By action"), WALL, "event.action"),
        over_time(Text("Theo thiết bị", "By device"), WALL, "observer.name"),
        top(Text("Nguồn", "Sources"), WALL, "source.ip"),
        top(Text("Đích", "Targets"), WALL, "destination.ip"),
        top(Text("Cổng đích", "Target ports"), WALL, "destination.port"),
        top(Text("Nước đích", "Target countries"), WALL, "destination.geo.country_name"),
        top(Text("Bị chặn: nguồn", "Denied: sources"), f"{WALL} AND event.action:(deny OR blocked)", "source.ip"),
        top(
            Text("Bị chặn: cổng đích", "Denied: ports"),
            f"{WALL} AND event.action:(deny OR blocked)",
            "destination.port",
        ),
        top(Text("Chính sách", "Policies"), WALL, "rule.id"),
        top(Text("Giao thức", "Protocols"), WALL, "network.protocol"),
    ),
)

WINDOWS_HOSTS = Dashboard(
    "canh-windows",
    Text("Máy Windows", "Windows"),
    (
        over_time(Text("Theo mã sự kiện", "By event code"), WINDOWS, "event.code"),
        over_time(Text("Theo máy", "By host"), WINDOWS, "host.name"),
        top(
            Text("Đăng nhập không thành (4625)", "Failed log-ons (4625)"), f"{WINDOWS} AND event.code:4625", "user.name"
        ),
        top(Text("Tài khoản được tạo (4720)", "Accounts made (4720)"), f"{WINDOWS} AND event.code:4720", "user.name"),
        top(Text("Tiến trình", "Processes"), f"{WINDOWS} AND event.category:process", "process.executable"),
        top(Text("Nhật ký bị xóa (1102)", "Logs cleared (1102)"), f"{WINDOWS} AND event.code:1102", "host.name"),
    ),
)

DASHBOARDS = (PROVINCE, SOURCES, INGEST, AUTHENTICATION, PORTALS, FIREWALL, WINDOWS_HOSTS)
