"""The JavaScript clients of three ages of Elasticsearch and of OpenSearch, cut off twice: each document once."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from tests.e2e.cutting_proxy import cutting
from tests.e2e.test_bulk_full import door
from tests.unit.collectors.test_bulk import TOKEN

CLIENTS = Path(__file__).resolve().parents[1] / "clients"
DOCUMENTS = 10_000


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The clients, as the lock file has them."""
    folder = tmp_path_factory.mktemp("clients")
    for file in CLIENTS.iterdir():
        shutil.copy(file, folder)
    install = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(install, cwd=folder, check=True, capture_output=True, timeout=150)
    return folder


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
@pytest.mark.parametrize("client", ["elastic7", "elastic8", "elastic9", "opensearch"])
def test_a_javascript_client(tmp_path, installed, client):
    """Its second cut is a 503, what the door says: at a 429 for the whole request their bulk helpers throw."""
    writer = DiskSpoolWriter(tmp_path / "spool", "intake")
    with door(tmp_path, writer) as port, cutting(port, status=503) as proxy:
        command = ["node", "ship.mjs", client, f"http://127.0.0.1:{proxy.port}", TOKEN, str(DOCUMENTS)]
        shipped = subprocess.run(command, cwd=installed, capture_output=True, text=True, timeout=100)
        assert shipped.returncode == 0, shipped.stderr
        said = json.loads(shipped.stdout)
        assert proxy.cuts == ["reset", "refused"]
        taken = DiskSpoolReader(tmp_path / "spool").take(writer.partition, 0, 100_000).records
    numbers = [json.loads(record.raw)["number"] for record in taken]
    assert sorted(numbers) == list(range(DOCUMENTS))
    assert said["successful"] + said["dropped"].pop("409") == DOCUMENTS, "those whose answer was cut off were there"
    assert said["dropped"] == {}
