import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.edge import MAX_BODY_BYTES, Edge, host_name, is_loopback
from core.scope import EVERY_UNIT
from org.actor import OPERATOR
from org.token import create_token, revoke_token
from org.token_mark import KnownTokens
from store import db
from tests.unit.api.world import World


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("127.0.0.1:8480", "127.0.0.1"),
        ("Canh.SocTrang.gov.vn", "canh.soctrang.gov.vn"),
        ("[::1]:8480", "::1"),
        ("[::1]", "::1"),
        ("localhost.", "localhost"),
        ("", ""),
    ],
)
def test_the_name_of_a_host_header(host, name):
    assert host_name(host) == name


@given(st.text())
def test_any_host_header_has_a_name(host):
    assert isinstance(is_loopback(host_name(host)), bool)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9:1", "localhost:8480", "[::1]:8480"])
def test_loopback_is_always_answered(world, host):
    assert world.send("GET", "/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil.example", ""])
@pytest.mark.parametrize("path", ["/healthz", "/api/v1/me", "/log-in", "/static/canh.css"])
def test_another_host_is_refused(world, host, path):
    answer = world.send("GET", path, headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "unknown_host")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_configured_host_is_answered(tmp_path):
    from api.settings import WebSettings

    world = World(tmp_path, settings=WebSettings(allowed_hosts=["canh.example.vn"], host="10.1.2.3"))
    for host in ("canh.example.vn", "CANH.example.vn:80", "10.1.2.3:8480"):
        assert world.send("GET", "/healthz", headers={"Host": host}).status_code == 200
    world.close()


def chunks(count):
    async def body():
        for _ in range(count):
            yield b"x" * (64 << 10)

    return body()


def test_a_body_above_the_cap_is_refused_declared_or_not(world):
    token = world.token()
    path = "/api/v1/alerts/1/acknowledge"
    declared = world.call("POST", path, token, content=b"x" * (MAX_BODY_BYTES + 1))
    streamed = world.call("POST", path, token, content=chunks(17))
    for answer in (declared, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert world.call("POST", path, token, content=chunks(16)).status_code == 422


def test_a_wrong_content_length_is_refused(world):
    answer = world.send("POST", "/log-in", headers={"Content-Length": "-5"})
    assert answer.status_code == 413


def test_a_body_without_end_is_not_read_to_the_end():
    taken = 0

    async def receive():
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    sent = []

    async def send(message):
        sent.append(message)

    async def application(_scope, _receive, _send):
        raise AssertionError("never reached")

    scope = {"type": "http", "method": "POST", "headers": [(b"host", b"localhost")], "path": "/"}
    asyncio.run(Edge(application, hosts=(), tokens=KnownTokens(b"k" * 32, frozenset()))(scope, receive, send))
    assert sent[0]["status"] == 413
    assert taken == MAX_BODY_BYTES // 65536 + 1


def test_an_answer_keeps_the_headers_it_set_itself(world):
    page = world.send("GET", "/log-in")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"


def test_a_made_up_token_is_answered_as_an_unknown_one_without_a_look_into_the_database(world):
    """The same words and headers, whatever is wrong with the token; and the database may be gone."""
    with db.session(world.engine, EVERY_UNIT) as session:
        revoked = create_token(session, OPERATOR, "reader", "revoked", world.now)
        revoke_token(session, OPERATOR, 1, world.now)
    unknown = world.call("GET", "/api/v1/me", revoked)
    assert unknown.status_code == 401
    world.engine.dispose()
    (world.folder / "canh.db").rename(world.folder / "gone.db")
    for secret in ("canh_" + "x" * 43, "canh_" + "x" * 49, "nonsense", "", "canh_" + "é" * 30):
        answer = world.send("GET", "/api/v1/me", headers={"Authorization": f"Bearer {secret}".encode()})
        assert (answer.status_code, answer.content) == (401, unknown.content), secret
        assert dict(answer.headers) == dict(unknown.headers)
        metrics = world.send("GET", "/metrics", headers={"Authorization": f"Bearer {secret}".encode()}, peer="10.0.0.9")
        assert (metrics.status_code, metrics.content) == (401, unknown.content), secret
    (world.folder / "gone.db").rename(world.folder / "canh.db")
