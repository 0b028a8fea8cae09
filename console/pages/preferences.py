"""Language and theme, remembered in the browser."""

from starlette.responses import Response

from console import cookies
from console.door import is_local, redirect
from console.page import Visit
from core.language import LANGUAGES


def prefer(visit: Visit) -> Response:
    """Remember what was chosen and show the same page again; anything unknown changes nothing."""
    back = visit.form.get("back", "/")
    response = redirect(back if is_local(back) else "/")
    secure = visit.desk.secure_cookie
    if visit.form.get("language") in LANGUAGES:
        cookies.set_preference(response, cookies.LANGUAGE, visit.form["language"], secure=secure)
    if visit.form.get("theme") in cookies.THEMES:
        cookies.set_preference(response, cookies.THEME, visit.form["theme"], secure=secure)
    return response
