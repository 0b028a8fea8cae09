"""What we install is pinned by hash, and not older than the versions in which what is known to be wrong was mended."""

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
# Starlette and python-multipart: denial of service by forms; Jinja2: its sandbox; cryptography: OpenSSL; h11: chunks.
FLOORS = {
    "starlette": (1, 3, 1),
    "python-multipart": (0, 0, 27),
    "jinja2": (3, 1, 6),
    "cryptography": (44, 0, 1),
    "h11": (0, 16, 0),
    "pyyaml": (5, 4),
}


def pins(text: str) -> dict[str, tuple[str, int]]:
    """Name -> version and number of hashes. An entry is `name==1.2 \\` and lines of `--hash=sha256:...`."""
    found: dict[str, tuple[str, int]] = {}
    for entry in re.split(r"(?m)^(?=\S)", text):
        line, _, rest = entry.partition("\n")
        if not line.strip() or line.startswith("#"):
            continue
        pinned = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", line)
        assert pinned, f"not pinned: {line}"
        found[pinned[1].lower()] = pinned[2], len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", line + rest))
    return found


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:4])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_its_hashes(lock):
    found = pins((ROOT / lock).read_text())
    assert len(found) > 20
    assert [name for name, (_, hashes) in found.items() if hashes == 0] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_the_floors_hold(lock):
    found = pins((ROOT / lock).read_text())
    assert {"starlette", "python-multipart", "jinja2", "cryptography", "pyyaml"} <= set(found)
    low = {name: found[name][0] for name, floor in FLOORS.items() if name in found and numbers(found[name][0]) < floor}
    assert low == {}


def test_both_locks_pin_the_same():
    product, development = (pins((ROOT / lock).read_text()) for lock in LOCKS)
    assert product.items() <= development.items()


def test_the_script_installs_by_hash_alone():
    script = Path(ROOT / "canh").read_text("utf-8")
    assert "--require-hashes" in script
    assert "--trusted-host" not in script and "--extra-index-url" not in script


def test_a_lock_without_a_hash_would_be_seen():
    assert pins("a==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\nb==2\n") == {"a": ("1.0", 1), "b": ("2", 0)}
    with pytest.raises(AssertionError):
        pins("a>=1\n")
    assert numbers("0.0.26") < FLOORS["python-multipart"] < numbers("0.0.34")
