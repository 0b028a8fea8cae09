"""A browser without a screen: keeps cookies, sends forms as ours, reads the form token from the page."""

import re
from http.cookies import SimpleCookie

import httpx

from core.scope import EVERY_UNIT
from org.session import open_session
from store import db
from tests.unit.api.world import PASSWORD, World


class Browser:
    def __init__(self, world: World) -> None:
        self.world = world
        self.cookies: dict[str, str] = {}
        self.last: httpx.Response | None = None

    def log_in(self, name: str = "lan") -> "Browser":
        """An administrator of this name, both steps of whose log-in are done; the pages themselves: `enter`."""
        actor = self.world.administrator(name)
        with db.session(self.world.engine, EVERY_UNIT) as session:
            secret = open_session(session, actor, "authenticator", self.world.now)
        self.cookies["__Host-canh_session" if self.world.settings.secure_cookie else "canh_session"] = secret
        return self

    def enter(self, name: str = "lan", onward: str = "/alerts") -> httpx.Response:
        """Both steps of a log-in under this name; the answer to the last one."""
        answer = self.post("/log-in", {"name": name, "password": PASSWORD, "next": onward})
        if answer.headers.get("location", "").startswith("/log-in/code"):
            answer = self.post("/log-in/code", {"code": self.world.code(name), "next": onward})
        return answer

    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str, *, params: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        sent = {"Cookie": self.cookie_header(), **headers}
        return self._keep(self.world.send("GET", path, params=params, headers=sent))

    def post(self, path: str, form: dict[str, str], *, csrf: bool = True, **headers: str) -> httpx.Response:
        if csrf and "canh_session" in self.cookies:
            form = {"csrf": self.csrf(), **form}
        ours = {"Sec-Fetch-Site": "same-origin", "Cookie": self.cookie_header(), **headers}
        return self._keep(self.world.send("POST", path, data=form, headers=ours))

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', self.get("/status").text)
        assert found is not None
        return found[1]

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        self.last = answer
        for header in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(header).items():
                if morsel.value == "":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer
