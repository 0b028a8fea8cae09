"""The audit: who did what, newest first, narrowed by actor, action, resource and time."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from console import texts
from console.door import Refused, require
from console.page import Page, Visit
from console.question import Typed, read_time
from core.language import Text
from core.status import AuditStatus
from incident.triage import CLOSING_REASONS
from org import audit_log
from org.access import ROLE_NAMES
from org.audit import AUDITED_NAMES, OUTCOME_NAMES
from org.audit_copy import audit_status
from org.audit_log import AuditRow, Narrowing, audited_actions, list_audit
from store import db

ROWS = 50
MAX_LETTERS = 300
NAMELESS: Mapping[str, Text] = {"operator": ROLE_NAMES["operator"], "nobody": ROLE_NAMES["nobody"]}
PROOFS: Mapping[str, Text] = {
    "password": Text("mật khẩu", "password"),
    "authenticator": Text("ứng dụng xác thực", "authenticator app"),
    "recovery_code": Text("mã khôi phục", "recovery code"),
    "passkey": Text("khóa truy cập", "passkey"),
    "identity_provider": Text("nhà cung cấp định danh", "identity provider"),
}
WHYS: Mapping[str, Text] = {
    "password": Text("mật khẩu sai", "wrong password"),
    "code": Text("mã sai", "wrong code"),
    "first code": Text("mã đầu tiên sai", "wrong first code"),
    "passkey": Text("khóa truy cập không được nhận", "passkey not taken"),
    "dormant": Text("tạm khóa vì không dùng", "suspended, unused"),
    "closed": Text("tài khoản đã đóng", "account closed"),
    "unknown subject": Text("mã định danh chưa gắn với tài khoản nào", "subject linked to no account"),
    "answer": Text("câu trả lời không đúng", "answer not believed"),
    "not reached": Text("không hỏi được", "not reached"),
    "unreadable": Text("không đọc được câu trả lời", "answer unreadable"),
    "type": Text("trả lời một việc khác", "answer to something else"),
    "challenge": Text("quá hạn hoặc đã trả lời", "too late, or answered already"),
    "origin": Text("dùng ở trang khác", "used at another page"),
    "relying_party": Text("của địa chỉ khác", "of another address"),
    "presence": Text("không có ai chạm vào khóa", "nobody touched it"),
    "algorithm": Text("thuật toán không được nhận", "algorithm not taken"),
    "unknown": Text("không phải của tài khoản", "not of the account"),
    "signature": Text("chữ ký sai", "wrong signature"),
    "clone": Text("bộ đếm lùi, có thể có bản sao", "counter went back, perhaps a copy"),
    "twice": Text("đã thêm rồi", "added already"),
    "too_many": Text("quá nhiều khóa", "too many passkeys"),
    "name": Text("tên không được nhận", "name not taken"),
}
"""Why something failed. One by one: the sentences a person reads at the time are too long for a row."""

VALUES: Mapping[str, Mapping[str, Text]] = {
    "by": PROOFS,
    "step": {"code": Text("yếu tố thứ hai", "second factor"), "enrol": Text("thiết lập", "set-up")},
    "why": WHYS,
    "reason": CLOSING_REASONS,
    "role": {str(role): name for role, name in ROLE_NAMES.items()},
}


@dataclass(frozen=True, kw_only=True)
class AuditPage(Page):
    """The form and the rows. `odd` are the numbers of rows that a hand in the database left unreadable."""

    template = "audit.html"

    actor: str
    action: str
    resource: str
    start: Typed
    end: Typed
    actions: Mapping[str, Text]
    names: Mapping[str, Text]
    outcomes: Mapping[str, Text]
    rows: tuple[AuditRow, ...]
    total: int
    odd: tuple[int, ...]
    chain: AuditStatus
    narrowed: bool
    newest_link: str | None
    older_link: str | None

    def only(self, name: str, value: str) -> str:
        """The page of that actor or resource alone."""
        return "/audit?" + urlencode({name: value})

    def name(self, row: AuditRow) -> Text:
        """The name of whoever acted; what they are where they have none."""
        known = row.actor_name or row.actor
        return NAMELESS.get(row.actor, Text(known, known))

    def value(self, name: str, value: str) -> Text:
        """A value of `detail`, in words where it is one of ours."""
        return VALUES.get(name, {}).get(value, Text(value, value))


def show(visit: Visit) -> Page:
    """The page. A time that cannot be read is said beside its field and narrows nothing."""
    require(visit, "audit.read", "audit")
    asked, zone = visit.request.query_params, visit.desk.zone
    actor, action, resource = (asked.get(name, "").strip()[:MAX_LETTERS] for name in ("actor", "action", "resource"))
    (first, start), (last, end) = (read_time(asked.get(name, ""), zone) for name in ("from", "to"))
    if first is not None and last is not None and last <= first:
        end = Typed(end.text, texts.END_BEFORE_START)
    text = asked.get("before", "")
    before = int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None
    narrowing = Narrowing(actor=actor, action=action, resource=resource, start=first, end=last)
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        found = list_audit(session, visit.actor, narrowing, before=before, limit=ROWS)
        actions = audited_actions(session)
        chain = audit_status(session)
    if not isinstance(found, audit_log.AuditPage):
        raise Refused(403, texts.FORBIDDEN_TITLE, found.reason)
    kept = {"actor": actor, "action": action, "resource": resource, "from": start.text, "to": end.text}
    kept = {name: value for name, value in kept.items() if value}
    return AuditPage(
        title=texts.AUDIT_TITLE,
        actor=actor,
        action=action,
        resource=resource,
        start=start,
        end=end,
        actions={
            name: AUDITED_NAMES.get(name, Text(name, name)) for name in sorted({*actions, *filter(None, [action])})
        },
        names=AUDITED_NAMES,
        outcomes=OUTCOME_NAMES,
        rows=found.rows,
        total=found.total,
        odd=found.odd,
        chain=chain,
        narrowed=bool(kept),
        newest_link=_link(kept) if before is not None else None,
        older_link=None if found.next is None else _link({**kept, "before": str(found.next)}),
    )


def _link(asked: Mapping[str, str]) -> str:
    return "/audit" + (f"?{urlencode(asked)}" if asked else "")
