"""Who may do what: every decision with its reason. What the table does not name is denied."""

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from core.language import Text
from org.actor import Actor, Role

Action = Literal[
    "alert.read",
    "alert.acknowledge",
    "alert.close",
    "event.read",
    "event.export",
    "record.replay",
    "record.ingest",
    "status.read",
    "metrics.read",
    "token.read",
    "token.create",
    "token.revoke",
    "service_account.read",
    "service_account.create",
    "service_account.change_owner",
    "service_account.close",
    "account.read",
    "account.create",
    "account.change_role",
    "account.invite",
    "account.reset_password",
    "account.link",
    "account.unlink",
    "account.close",
    "account.reopen",
    "account.end_sessions",
    "access.review",
    "unit.read",
    "unit.change",
    "body.read",
    "body.change",
    "source.read",
    "source.assign",
    "post.read",
    "post.change",
    "person.read",
    "roster.read",
    "roster.change",
    "roster.hand_over",
    "setting.read",
    "setting.change",
    "sealing_key.rotate",
    "audit.read",
    "audit.export",
    "account.remove_factor",
    "self.read",
    "self.change_password",
    "self.change_factor",
    "self.end_sessions",
    "self.change_searches",
    "api.describe",
]

ACTIONS: tuple[Action, ...] = get_args(Action)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one question, whole enough to be audited. `resource` is `alert:ID`, `event:ID` or a collection."""

    allowed: bool
    reason: Text
    actor: Actor
    action: Action
    resource: str


KNOWN: frozenset[Action] = frozenset({"self.read", "api.describe"})
"""What everyone may of whom it is known who they are."""
OWN: frozenset[Action] = KNOWN | {
    "self.change_password",
    "self.change_factor",
    "self.end_sessions",
    "self.change_searches",
}
"""What every person may besides, about their own account."""

OFFICE: frozenset[Action] = OWN | {"unit.read", "post.read", "person.read", "roster.read", "body.read"}
"""What everyone of the department's staff needs to know: who is where, and how they are reached."""
READING: frozenset[Action] = OFFICE | {"alert.read", "event.read", "status.read", "source.read"}
WATCHING: frozenset[Action] = READING | {"alert.acknowledge", "alert.close", "event.export", "roster.hand_over"}

ALLOWED: Mapping[Role, frozenset[Action]] = {
    "operator": frozenset(ACTIONS),
    "administrator": frozenset(ACTIONS),
    "shift_leader": WATCHING | {"roster.change"},
    "analyst": WATCHING,
    "responder": WATCHING,
    "permit_officer": OFFICE,
    "clerk": OFFICE,
    "unit_contact": OFFICE | {"alert.read", "event.read", "source.read"},
    "leader": READING,
    "auditor": OFFICE
    | {
        "audit.read",
        "audit.export",
        "access.review",
        "account.read",
        "token.read",
        "service_account.read",
        "setting.read",
        "status.read",
    },
    "reader": KNOWN | (READING - OWN - {"person.read"}),
    "integration": KNOWN | {"alert.read", "status.read", "metrics.read"},
    "sender": frozenset({"record.ingest"}),
}
"""Roles by post. Whoever reads alerts sees the events that explain them. Reader, integration and sender are machines.

A sender brings records in and reads nothing, not even who it is: its key lies on the machines that are attacked first.
"""

ROLE_NAMES: Mapping[Role, Text] = {
    "operator": Text("người vận hành máy chủ", "operator of the server"),
    "administrator": Text("quản trị", "administrator"),
    "shift_leader": Text("trưởng ca", "shift leader"),
    "analyst": Text("phân tích viên", "analyst"),
    "responder": Text("ứng cứu viên", "responder"),
    "permit_officer": Text("cán bộ cấp phép", "permit officer"),
    "clerk": Text("văn thư", "clerk"),
    "unit_contact": Text("đầu mối đơn vị", "unit contact"),
    "leader": Text("lãnh đạo", "leader"),
    "auditor": Text("kiểm toán viên", "auditor"),
    "reader": Text("máy chỉ đọc", "reading machine"),
    "integration": Text("hệ thống tích hợp", "integration"),
    "sender": Text("máy gửi nhật ký", "sender of records"),
    "nobody": Text("chưa đăng nhập", "nobody"),
}

ACTION_NAMES: Mapping[Action, Text] = {
    "alert.read": Text("xem cảnh báo", "read alerts"),
    "alert.acknowledge": Text("tiếp nhận cảnh báo", "acknowledge alerts"),
    "alert.close": Text("đóng cảnh báo", "close alerts"),
    "event.read": Text("xem sự kiện", "read events"),
    "event.export": Text("xuất sự kiện ra tệp", "export events to a file"),
    "record.replay": Text("nạp lại nhật ký", "replay log files"),
    "record.ingest": Text("gửi nhật ký vào Canh", "send records in"),
    "status.read": Text("xem trạng thái hệ thống", "read the status"),
    "metrics.read": Text("đọc số đo của hệ thống", "read the metrics"),
    "token.read": Text("xem danh sách khóa API", "list API tokens"),
    "token.create": Text("tạo khóa API", "create API tokens"),
    "token.revoke": Text("thu hồi khóa API", "revoke API tokens"),
    "service_account.read": Text("xem các tài khoản dịch vụ", "read the service accounts"),
    "service_account.create": Text("tạo tài khoản dịch vụ", "create service accounts"),
    "service_account.change_owner": Text(
        "giao tài khoản dịch vụ cho người khác", "give service accounts to another owner"
    ),
    "service_account.close": Text("đóng tài khoản dịch vụ", "close service accounts"),
    "account.read": Text("xem các tài khoản và quyền của họ", "read the accounts and what they may do"),
    "account.change_role": Text("đổi vai trò của tài khoản", "change the role of an account"),
    "account.create": Text("tạo tài khoản", "create accounts"),
    "account.invite": Text("trao liên kết đặt mật khẩu", "hand out a link that sets a password"),
    "account.reset_password": Text("đặt lại mật khẩu của người khác", "reset the password of another"),
    "account.link": Text("gắn tài khoản với danh tính ở nơi khác", "link accounts to identities elsewhere"),
    "account.unlink": Text("gỡ tài khoản khỏi danh tính ở nơi khác", "unlink accounts from identities elsewhere"),
    "account.close": Text("đóng tài khoản", "close accounts"),
    "account.reopen": Text("mở lại tài khoản", "reopen accounts"),
    "account.end_sessions": Text("kết thúc phiên của người khác", "end the sessions of another"),
    "access.review": Text("rà soát quyền truy cập", "review the accesses"),
    "unit.read": Text("xem các đơn vị", "read the units"),
    "unit.change": Text("thay đổi các đơn vị", "change the units"),
    "body.read": Text("xem các cơ quan tiếp nhận", "read the bodies and their roles"),
    "body.change": Text("thay đổi các cơ quan tiếp nhận", "change the bodies and their roles"),
    "source.read": Text("xem nguồn nhật ký của các đơn vị", "read the sources of the units"),
    "source.assign": Text("gán nguồn nhật ký cho đơn vị", "assign sources to units"),
    "post.read": Text("xem các chức danh", "read the posts"),
    "post.change": Text("thay đổi nhân sự và chức danh", "change persons and posts"),
    "person.read": Text("xem cách liên hệ của mọi người", "read how people are reached"),
    "roster.read": Text("xem lịch trực", "read the roster"),
    "roster.change": Text("thay đổi lịch trực", "change the roster"),
    "roster.hand_over": Text("bàn giao ca trực", "hand over a shift"),
    "setting.read": Text("xem các thiết lập", "read the settings"),
    "setting.change": Text("thay đổi thiết lập", "change the settings"),
    "sealing_key.rotate": Text("thay khóa niêm phong", "replace the sealing key"),
    "audit.read": Text("xem nhật ký kiểm toán", "read the audit"),
    "audit.export": Text("xuất nhật ký kiểm toán", "export the audit"),
    "self.read": Text("xem mình là ai đối với Canh", "see who one is to Canh"),
    "account.remove_factor": Text("gỡ yếu tố thứ hai của người khác", "remove the second factor of another"),
    "self.change_password": Text("đổi mật khẩu của mình", "change one's own password"),
    "self.change_factor": Text("thay yếu tố thứ hai của mình", "change one's own second factor"),
    "self.end_sessions": Text("kết thúc các phiên khác của mình", "end one's own other sessions"),
    "self.change_searches": Text("lưu tìm kiếm và cột của mình", "keep one's own searches and columns"),
    "api.describe": Text("xem mô tả API", "read the description of the API"),
}


def decide(actor: Actor, action: Action, resource: str) -> Decision:
    """Whether `actor` may do `action` on `resource`. Pure; which rows are seen at all is the scope's matter."""
    allowed = action in ALLOWED.get(actor.role, frozenset())
    role, verb = ROLE_NAMES[actor.role], ACTION_NAMES[action]
    if allowed:
        reason = Text(f"Vai trò “{role.vi}” được {verb.vi}.", f"The role “{role.en}” may {verb.en}.")
    else:
        reason = Text(f"Vai trò “{role.vi}” không được {verb.vi}.", f"The role “{role.en}” may not {verb.en}.")
    return Decision(allowed=allowed, reason=reason, actor=actor, action=action, resource=resource)
