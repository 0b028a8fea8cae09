"""The console's cookies: the session, the half log-in, the mark of a known browser, what a reader prefers."""

from starlette.requests import Request
from starlette.responses import Response

from core.language import LANGUAGES, VIETNAMESE

SESSION = "canh_session"
HALF_LOG_IN = "canh_log_in"
QUESTION = "canh_question"
BROWSER = "canh_browser"
LANGUAGE = "canh_language"
THEME = "canh_theme"
THEMES = ("auto", "light", "dark")
A_YEAR_S = 365 * 24 * 3600
MAX_SECRET_LETTERS = 200
MAX_QUESTION_LETTERS = 4000


def session_secret(request: Request, *, secure: bool) -> str | None:
    """The session's secret as the browser sent it; None where it sent nothing that could be one."""
    return _secret(request, _session_name(secure))


def set_session(response: Response, secret: str, *, secure: bool) -> None:
    """Give the browser its session; it forgets it when it is closed."""
    response.set_cookie(_session_name(secure), secret, httponly=True, samesite="strict", path="/", secure=secure)


def end_session(response: Response, *, secure: bool) -> None:
    """Take the session from the browser."""
    response.delete_cookie(_session_name(secure), httponly=True, samesite="strict", path="/", secure=secure)


def half_log_in_secret(request: Request, *, secure: bool) -> str | None:
    """The secret of a half log-in; None where the browser sent nothing that could be one."""
    return _secret(request, _half_log_in(secure)[0])


def set_half_log_in(response: Response, secret: str, *, secure: bool) -> None:
    """Give the browser its half log-in; without HTTPS it shows it to the pages of the log-in and nowhere else."""
    name, path = _half_log_in(secure)
    response.set_cookie(name, secret, httponly=True, samesite="strict", path=path, secure=secure)


def end_half_log_in(response: Response, *, secure: bool) -> None:
    """Take the half log-in from the browser."""
    name, path = _half_log_in(secure)
    response.delete_cookie(name, httponly=True, samesite="strict", path=path, secure=secure)


def provider_question(request: Request, *, secure: bool) -> str:
    """What was asked of the identity provider, sealed; empty where the browser sent nothing."""
    return request.cookies.get(_question(secure)[0], "")[:MAX_QUESTION_LETTERS]


def set_provider_question(response: Response, sealed: str, *, secure: bool) -> None:
    """Let the browser keep it for ten minutes. Lax: the way back from the provider begins on another site."""
    name, path = _question(secure)
    response.set_cookie(name, sealed, max_age=600, httponly=True, samesite="lax", path=path, secure=secure)


def end_provider_question(response: Response, *, secure: bool) -> None:
    """Take it from the browser: each question is answered once."""
    name, path = _question(secure)
    response.delete_cookie(name, httponly=True, samesite="lax", path=path, secure=secure)


def browser_mark(request: Request) -> str | None:
    """The mark of a browser that says it has logged in before; None where it sent nothing that could be one."""
    return _secret(request, BROWSER)


def set_browser_mark(response: Response, mark: str, *, secure: bool) -> None:
    """Let the browser keep its mark for a year; it shows it where one logs in and nowhere else."""
    response.set_cookie(
        BROWSER, mark, max_age=A_YEAR_S, httponly=True, samesite="strict", path="/log-in", secure=secure
    )


def language_of(request: Request) -> str:
    """`vi` or `en`; Vietnamese until the reader chooses."""
    language = request.cookies.get(LANGUAGE, VIETNAMESE)
    return language if language in LANGUAGES else VIETNAMESE


def theme_of(request: Request) -> str:
    """`auto`, `light` or `dark`; as the machine has it until the reader chooses."""
    theme = request.cookies.get(THEME, "auto")
    return theme if theme in THEMES else "auto"


def set_preference(response: Response, name: str, value: str, *, secure: bool) -> None:
    """Remember a preference for a year."""
    response.set_cookie(name, value, max_age=A_YEAR_S, httponly=True, samesite="lax", path="/", secure=secure)


def _session_name(secure: bool) -> str:
    """With HTTPS only this very host can set it: no neighbour of the domain, and nobody on the wire.

    Source: RFC 6265bis, section 4.1.3.2 (the prefix `__Host-`)
    """
    return f"__Host-{SESSION}" if secure else SESSION


def _half_log_in(secure: bool) -> tuple[str, str]:
    """(name, path). As the session's: a neighbour of the domain could plant a log-in of its own to be finished."""
    return (f"__Host-{HALF_LOG_IN}", "/") if secure else (HALF_LOG_IN, "/log-in")


def _question(secure: bool) -> tuple[str, str]:
    """(name, path). As the session's: a neighbour of the domain could plant a question, and lead to its answer."""
    return (f"__Host-{QUESTION}", "/") if secure else (QUESTION, "/log-in/provider")


def _secret(request: Request, name: str) -> str | None:
    secret = request.cookies.get(name, "")
    return secret if 0 < len(secret) <= MAX_SECRET_LETTERS and secret.isascii() else None
