"""How passwords are kept, read back from the database: argon2id, not below what OWASP asks, a salt for each."""

import re
import sqlite3

from org import password
from tests.unit.api.world import PASSWORD

# Source: OWASP, Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes and 1 lane, or stronger
LEAST_KIB, LEAST_PASSES = 19 * 1024, 2


def test_a_kept_password_is_argon2id_with_enough_memory(world):
    world.administrator()
    with sqlite3.connect(world.folder / "canh.db") as connection:
        ((kept,),) = connection.execute("select password_hash from account").fetchall()
    connection.close()
    found = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]{22,})\$([^$]{43,})", kept)
    assert found, kept
    assert int(found[1]) >= LEAST_KIB and int(found[2]) >= LEAST_PASSES
    assert password.hashed(PASSWORD) != kept, "the salt is new each time"


def test_short_and_obvious_ones_are_refused():
    assert password.MIN_LETTERS >= 14, "without a second factor"
    for weak in ("a" * 40, "password123456789", "quản trị viên 123", "qwertyuiopasdf", "lanlanlanlanlan"):
        assert password.refusal(weak, ("lan",)) is not None, weak
    assert password.refusal(PASSWORD, ("lan",)) is None
