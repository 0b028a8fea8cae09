"""Secrets sent to every route, page and command, rightly or wrongly, stay out of logs, outputs, database and audit."""

import argparse
import contextlib
import io
import logging
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from composition.cli import build_parser, main
from composition.migrate import upgrade
from core.scope import EVERY_UNIT
from org.first_run import ensure_first_run
from store import db
from tests.security.surface import body_of, broken, filled, form_of, pages, routes
from tests.unit.api.world import PASSWORD, World
from tests.unit.console.browser import Browser

pytestmark = pytest.mark.slow

CANARY = {
    "password": "chim hoàng yến số 4711 hót",
    "name": "mat-khau-go-nham-o-ten-4712",  # a password typed into the field for the name
    "token": "canh_canaryTokenThatNobodyGave4713xxxxxxxxxxxx",
    "session": "canarySessionThatNobodyOpened4714xxxxxxxxxxxxxx",
    "first_run": "canaryFirstRunSecret4715xxxxxxxxxxxxxxxxxxxxx",
}


def found_in(secrets, *places):
    """Which secrets are in the bytes, as they are or as an address or a form writes them."""
    return {
        name
        for name, secret in secrets.items()
        for form in {secret, quote(secret), quote_plus(secret), secret.encode("unicode_escape").decode()}
        if any(form.encode() in place for place in places)
    }


def files_of(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.slow
@pytest.mark.parametrize("breaking", [False, True], ids=["working", "failing"])
def test_no_route_and_no_page_lets_a_secret_out(tmp_path, caplog, breaking):
    caplog.set_level(logging.DEBUG)
    world = World(tmp_path, raise_errors=False)
    token = world.token()
    browser = Browser(world).log_in()
    csrf = browser.csrf()
    living = {"living token": token, "living session": browser.cookies["canh_session"], "living password": PASSWORD}
    answers = []

    def walk():
        for method, path in routes(world):
            actual = filled(path)
            body = {**(body_of(path) or {}), "password": CANARY["password"]} if method == "POST" else None
            answers.append(world.call(method, actual, CANARY["token"], json=body))
            answers.append(world.call(method, actual, token, json=body_of(path)))
            answers.append(world.call(method, actual, token, json=body, headers={"Cookie": browser.cookie_header()}))
            world.send(method, f"{actual}?token={CANARY['token']}", json=body)
        for method, path in pages(world):
            actual = filled(path)
            form = {"name": "ai-do", "password": CANARY["password"], "again": CANARY["password"], **form_of(path)}
            stolen = {"Cookie": f"canh_session={CANARY['session']}", "Sec-Fetch-Site": "same-origin"}
            if method == "GET":
                answers.extend((browser.get(actual), world.send(method, actual, headers=stolen)))
                world.send(method, f"{actual}?secret={CANARY['first_run']}")
            elif path != "/log-out":
                answers.append(browser.post(actual, {"csrf": csrf, **form}, csrf=False))
                answers.append(world.send(method, actual, headers=stolen, data=form))
                named = {**form, "name": CANARY["name"], "secret": CANARY["first_run"]}
                world.send(method, actual, headers={"Sec-Fetch-Site": "same-origin"}, data=named)

    if breaking:
        with broken(world, token):
            walk()
        assert {500} <= {answer.status_code for answer in answers}
    else:
        walk()
        assert {200, 401, 303} <= {answer.status_code for answer in answers}
        exported = world.send("GET", "/audit", headers={"Cookie": browser.cookie_header()})
        assert exported.status_code == 200 and "ai-do" not in exported.text
        answers.append(exported)
    ours = [record for record in caplog.records if not record.name.startswith("http")]  # the asking client logs too
    logged = "\n".join(logging.Formatter("%(message)s").format(record) for record in ours).encode()
    told = "\n".join(f"{answer.text}\n{dict(answer.headers)}" for answer in answers).encode()
    world.close()
    assert len(answers) > 50 and (logged if breaking else True)
    assert found_in(CANARY | living, logged, files_of(tmp_path)) == set()
    cookies = {"living session"}  # a browser is given its own, by a header
    assert found_in(CANARY | living, told) - cookies == set()


def commands(parser, words=()):
    """(words, parser) of every command that the command line has."""
    deeper = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for action in deeper:
        for word, each in action.choices.items():
            yield from commands(each, (*words, word))
    if not deeper:
        yield words, parser


def arguments_of(parser, log):
    """Something for everything that the command must be told."""
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction) or not (action.required or not action.option_strings):
            continue
        value = next(iter(action.choices)) if action.choices else ("1" if callable(action.type) else "lan")
        value = str(log) if action.type is Path else value
        yield from ([action.option_strings[-1], value] if action.option_strings else [value])


@pytest.mark.slow
def test_no_command_lets_a_secret_out(tmp_path, caplog, capsys, monkeypatch):
    caplog.set_level(logging.DEBUG)
    data, log = tmp_path / "data", tmp_path / "auth.log"
    data.mkdir()
    log.write_text("<38>Nov 24 09:12:01 web-01 sshd[812]: Failed password for root from 203.0.113.9 port 1 ssh2\n")
    engine = db.open_engine(f"sqlite:///{data / 'canh.db'}")
    upgrade(engine)
    with db.session(engine, EVERY_UNIT) as session:
        first_run = ensure_first_run(session, db.clock.now())
    engine.dispose()
    monkeypatch.chdir(tmp_path)
    run = 0
    for words, parser in commands(build_parser()):
        if words == ("up",):
            continue  # runs until it is stopped: its log is looked at by test_33_intake_outlives_web.py
        for typed in (f"{CANARY['password']}\n" * 2, f"{CANARY['password']}\nkhác\n", f"{CANARY['password']}\n"):
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode()), "utf-8"))
            with contextlib.suppress(SystemExit):
                main([*words, *arguments_of(parser, log), "--data", str(data)])
        run += 1
    assert run >= 20
    said = capsys.readouterr()
    secrets = {"password": CANARY["password"], "first run": first_run}
    assert "canh_" in said.out, "a token was made, and printed once"
    outputs = (said.out.encode(), said.err.encode(), caplog.text.encode(), files_of(data))
    assert found_in(secrets, *outputs) == set()
    tokens = {word for word in said.out.split() if word.startswith("canh_")}
    assert tokens and found_in({token: token for token in tokens}, said.err.encode(), files_of(data)) == set()
    for token in tokens:
        assert said.out.count(token) == 1
