"""Every way the API refuses, in one table, told as problem+json.

Source: RFC 9457, Problem Details for HTTP APIs, https://www.rfc-editor.org/rfc/rfc9457
"""

import logging
from collections.abc import Mapping
from typing import Literal

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api import models
from core.errors import QuerySyntaxError, Unavailable
from core.ids import new_incarnation
from core.language import ENGLISH, LANGUAGES, VIETNAMESE, Text

log = logging.getLogger("web")

MEDIA_TYPE = "application/problem+json"

Code = Literal[
    "unauthenticated",
    "forbidden",
    "not_found",
    "method_not_allowed",
    "conflict",
    "body_too_large",
    "unknown_host",
    "invalid_request",
    "invalid_query",
    "unavailable",
    "internal",
]


class Kind(msgspec.Struct, frozen=True):
    """One kind of problem: its status and what it is called; `detail` is said where the place has nothing better."""

    status: int
    title: Text
    detail: Text


PROBLEMS: dict[Code, Kind] = {
    "unauthenticated": Kind(
        401,
        Text("Chưa xác thực", "Not authenticated"),
        Text(
            "Cần một khóa API còn hiệu lực trong tiêu đề “Authorization: Bearer KHÓA”.",
            "A valid API token is needed in the header “Authorization: Bearer TOKEN”.",
        ),
    ),
    "forbidden": Kind(
        403,
        Text("Không được phép", "Not allowed"),
        Text("Khóa này không có quyền làm việc đó.", "This token may not do that."),
    ),
    "not_found": Kind(
        404,
        Text("Không tìm thấy", "Not found"),
        Text(
            "Không có gì ở địa chỉ này, hoặc khóa này không được thấy.",
            "Nothing is here, or not for this token to see.",
        ),
    ),
    "method_not_allowed": Kind(
        405,
        Text("Không dùng được phương thức này", "Method not allowed"),
        Text("Địa chỉ này không nhận phương thức HTTP đó.", "This address does not take that HTTP method."),
    ),
    "conflict": Kind(
        409,
        Text("Đã bị thay đổi trước", "Changed by someone else"),
        Text(
            "Đối tượng đã thay đổi từ khi được đọc. Hãy đọc lại rồi thử lại với phiên bản mới.",
            "It has changed since it was read. Read it again and retry with the new version.",
        ),
    ),
    "body_too_large": Kind(
        413,
        Text("Nội dung quá lớn", "Body too large"),
        Text("Nội dung yêu cầu vượt quá 1 MiB.", "The body of the request is above 1 MiB."),
    ),
    "unknown_host": Kind(
        421,
        Text("Tên máy chủ lạ", "Unknown host name"),
        Text(
            "Máy chủ này không trả lời dưới tên đó. Thêm tên vào web.allowed_hosts (CANH_WEB__ALLOWED_HOSTS).",
            "This server does not answer under that name. Add it to web.allowed_hosts (CANH_WEB__ALLOWED_HOSTS).",
        ),
    ),
    "invalid_request": Kind(
        422,
        Text("Yêu cầu sai", "Invalid request"),
        Text(
            "Có tham số thiếu, thừa hoặc sai; xem “errors”.", "A parameter is missing, unknown or wrong; see “errors”."
        ),
    ),
    "invalid_query": Kind(
        400,
        Text("Câu truy vấn sai", "Query error"),
        Text("Câu truy vấn không đọc được.", "The query cannot be read."),
    ),
    "unavailable": Kind(
        503,
        Text("Tạm thời chưa phục vụ được", "Temporarily unavailable"),
        Text("Một thành phần bên dưới đang bận; hãy thử lại.", "A service below is busy; try again."),
    ),
    "internal": Kind(
        500,
        Text("Lỗi của Canh", "An error of ours"),
        Text(
            "Có lỗi trong Canh; nhật ký của máy chủ ghi mã {log_id}.",
            "An error of ours; the server's log has it as {log_id}.",
        ),
    ),
}

# What pydantic finds wrong, in both languages; `{...}` are members of its `ctx`, never words of its own.
REASONS: dict[str, Text] = {
    "missing": Text("thiếu", "is missing"),
    "extra_forbidden": Text("không có trường này", "is not known here"),
    "json_invalid": Text("không phải JSON", "is not JSON"),
    "model_attributes_type": Text("phải là một đối tượng JSON", "must be a JSON object"),
    "int_parsing": Text("phải là số nguyên", "must be a whole number"),
    "int_type": Text("phải là số nguyên", "must be a whole number"),
    "int_from_float": Text("phải là số nguyên", "must be a whole number"),
    "string_type": Text("phải là một chuỗi", "must be a string"),
    "greater_than_equal": Text("phải từ {ge} trở lên", "must be {ge} or more"),
    "less_than_equal": Text("phải từ {le} trở xuống", "must be {le} or less"),
    "literal_error": Text("phải là một trong: {expected}", "must be one of: {expected}"),
    "string_too_long": Text("dài nhất {max_length} ký tự", "has {max_length} characters at most"),
    "timezone_aware": Text("thiếu múi giờ, ví dụ +07:00", "lacks the time zone, such as +07:00"),
}
NOT_UNDERSTOOD = Text("không đọc được", "cannot be read")
NOT_A_TIME = Text(
    "phải là thời điểm ISO 8601, ví dụ 2026-11-24T08:30:00+07:00",
    "must be an ISO 8601 time, such as 2026-11-24T08:30:00+07:00",
)

_BY_STATUS: dict[int, Code] = {kind.status: code for code, kind in PROBLEMS.items()}


class Problem(Exception):
    """A refusal of a request; `detail` None says what the table says, `extra` are members of the answer."""

    def __init__(
        self,
        code: Code,
        detail: Text | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: object,
    ) -> None:
        super().__init__(code)
        self.code: Code = code
        self.detail = detail
        self.headers = headers or {}
        self.extra = extra


class ProblemReport(BaseModel):
    """A refusal as problem+json; some codes add members (`version`, `at`, `expected`, `errors`, `log_id`)."""

    type: str = Field(description="`urn:canh:problem:` and the code.")
    code: str = Field(description="Stable name of the kind of problem; scripts decide by this.")
    status: int = Field(description="The HTTP status once more.")
    title: str = Field(description="The kind of problem in the language that Accept-Language prefers.")
    detail: str = Field(description="What was wrong this time and what helps, in that language.")
    reason: models.Text = Field(description="`detail` in both languages.")


def answer(problem: Problem, language: str) -> Response:
    """The problem as a response: `title` and `detail`, texts in RFC 9457, in `language`; all else in both."""
    kind = PROBLEMS[problem.code]
    reason = problem.detail or kind.detail.format(**problem.extra)
    headers = {"Content-Language": language, "Vary": "Accept-Language", **problem.headers}
    if problem.code == "unauthenticated":
        headers["WWW-Authenticate"] = 'Bearer realm="canh"'
    body = {
        "type": f"urn:canh:problem:{problem.code}",
        "code": problem.code,
        "status": kind.status,
        "title": kind.title.within(language),
        "detail": reason.within(language),
        "reason": reason,
        **problem.extra,
    }
    return Response(msgspec.json.encode(body), kind.status, headers, MEDIA_TYPE)


def _reason(wrong: Mapping[str, object]) -> Text:
    kind, context = str(wrong["type"]), wrong.get("ctx")
    if kind.startswith("datetime"):
        return NOT_A_TIME
    values = {str(name): value for name, value in context.items()} if isinstance(context, Mapping) else {}
    if kind == "literal_error":
        values["expected"] = str(values["expected"]).replace(" or ", ", ").replace("'", "")
    return REASONS.get(kind, NOT_UNDERSTOOD).format(**values)


def language_of(accepted: str | None) -> str:
    """`vi` or `en`, whichever an Accept-Language header prefers; Vietnamese where it prefers neither.

    `en-GB,en;q=0.9,vi;q=0.5` is English. Source: RFC 9110 section 12.5.4.
    """
    best, best_weight = VIETNAMESE, 0.0
    for part in (accepted or "")[:1000].split(","):
        tag, _, parameter = part.strip().partition(";")
        name = tag.strip().lower().partition("-")[0]
        weight = 1.0
        if parameter.strip().startswith("q="):
            try:
                weight = float(parameter.strip()[2:])
            except ValueError:
                continue
        if name in LANGUAGES and weight > best_weight:
            best, best_weight = (ENGLISH if name == ENGLISH else VIETNAMESE), weight
    return best


def add_problem_handlers(app: FastAPI) -> None:
    """Make every refusal and every failure below `app` a problem+json answer."""
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(QuerySyntaxError, _refused)
    app.add_exception_handler(Unavailable, _refused)
    app.add_exception_handler(OperationalError, _refused)
    app.add_exception_handler(Exception, _refused)


async def _refused(request: Request, error: Exception) -> Response:
    return answer(_problem_of(error), language_of(request.headers.get("accept-language")))


def _problem_of(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case RequestValidationError():
            wrong = [{"at": ".".join(map(str, each["loc"])), "reason": _reason(each)} for each in error.errors()]
            return Problem("invalid_request", errors=wrong)
        case QuerySyntaxError():
            at = error.at + 1
            said = Text(f"Ký tự {at}: {error.expected.vi}.", f"Character {at}: {error.expected.en}.")
            return Problem("invalid_query", said, at=error.at, expected=error.expected)
        case Unavailable():
            return Problem("unavailable", headers={"Retry-After": str(max(1, round(error.retry_after_s)))})
        case OperationalError():
            log.warning("the database did not answer: %s", type(error.orig).__name__)
            return Problem("unavailable", headers={"Retry-After": "1"})
        case HTTPException():
            return Problem(_BY_STATUS.get(error.status_code, "invalid_request"), headers=error.headers)
        case _:
            log_id = new_incarnation()
            log.error("request failed, told as %s", log_id, exc_info=error)
            return Problem("internal", log_id=log_id)
