"""The product with a real Elasticsearch as its event store: the same as without one, and through its loss."""

import os
import random
import socket
import threading
import urllib.error

import pytest

from tests.e2e.product import Product, failed_login, wait_for

URL = os.environ.get("CANH_TEST_ELASTICSEARCH_URL", "")


class Gate:
    """A way to the server that can be shut: then what is under way breaks and nothing new gets through."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._pairs: list[socket.socket] = []
        self._open = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        self._open = False
        for each in self._pairs:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has ended already

    def open(self) -> None:
        self._open = True

    def close(self) -> None:
        self.shut()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._open:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._to))
            self._pairs += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass  # cut
        for each in (one, other):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        one.close()


@pytest.mark.slow
@pytest.mark.skipif(not URL, reason="no Elasticsearch: CANH_TEST_ELASTICSEARCH_URL is not set")
def test_the_product_on_elasticsearch(tmp_path):
    gate = Gate(int(URL.rpartition(":")[2]))
    product = Product(
        tmp_path / "data",
        CANH_STORE__URL=f"elasticsearch+http://127.0.0.1:{gate.port}",
        CANH_STORE__PREFIX=f"e{random.SystemRandom().getrandbits(60):x}",
    )
    try:
        product.start()
        product.send_tcp(*[failed_login(number) for number in range(200)])
        wait_for(lambda: product.count("user.name:root") == 200, 60)
        (alert,) = wait_for(lambda: [each for each in product.api("/api/v1/alerts")["alerts"] if each["count"] == 200])
        detail = product.api(f"/api/v1/alerts/{alert['id']}")
        assert detail["events"][0]["fields"]["user.name"] == "root"
        found = product.command("event", "search", "user.name:root", "--from=-24h", check=False)
        assert "Failed password for root" in found.stdout, found.stderr

        gate.shut()
        product.send_tcp(*[failed_login(number) for number in range(200, 500)])
        wait_for(lambda: waiting(product), 30)
        assert "Elasticsearch" in waiting(product)[0]["reason"]["vi"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            product.api("/api/v1/events?query=root")
        assert refused.value.code == 503
        refused.value.close()
        told = product.command("event", "count", "*", check=False)
        assert told.returncode != 0 and "Elasticsearch" in told.stderr and "Traceback" not in told.stderr
        gate.open()
        wait_for(lambda: product.status()["counters"]["backlog"] == 0, 60)
        wait_for(lambda: product.count("user.name:root") == 500, 30)
        assert product.count("*") == 500

        assert product.stop() == 0
        gate.shut()
        product.start()  # it starts without its store, and waits
        wait_for(lambda: waiting(product), 30)
        product.send_tcp(failed_login(500))
        gate.open()
        wait_for(lambda: product.count("*") == 501, 60)

        gate.shut()
        product.send_tcp(failed_login(501))
        wait_for(lambda: waiting(product), 30)
        assert product.stop() == 0, "it ends in peace without its store"
        assert "Traceback" not in product.errors()
        gate.open()
        product.start()
        wait_for(lambda: product.count("*") == 502, 60)
    finally:
        product.kill_everything()
        gate.close()


def waiting(product):
    return [each for each in product.status()["processes"] if each["name"] == "pipeline" and each["state"] == "waiting"]
