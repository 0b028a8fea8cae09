"""Whoever takes the web process down has not stopped the watch: intake goes on, and web comes back by itself."""

import os
import signal

import pytest

from tests.e2e.product import failed_login, wait_for


@pytest.mark.slow
def test_events_are_taken_while_web_is_gone_and_web_comes_back(product):
    token = product.api("/api/v1/me") and product.token
    web = product.pids()["web"]
    os.kill(web, signal.SIGSTOP)  # it hangs, and so no port is free for another: the worst that an attacker reaches
    try:
        product.send_tcp(*[failed_login(number) for number in range(50)])
        wait_for(lambda: product.count("source.ip:203.0.113.9") == 50)
    finally:
        os.kill(web, signal.SIGKILL)
    product.send_tcp(*[failed_login(number, source="203.0.113.10") for number in range(50)])
    wait_for(lambda: product.count("source.ip:203.0.113.10") == 50)
    wait_for(lambda: product.pids()["web"] not in (0, web))
    wait_for(lambda: answers(product))
    alerts = product.api("/api/v1/alerts")["alerts"]
    assert {alert["entities"]["source.ip"] for alert in alerts} >= {"203.0.113.9", "203.0.113.10"}
    said = "\n".join(product.output) + product.errors()
    assert token not in said, "the token is in nothing that the product wrote"


def answers(product):
    try:
        return product.health()[0] == 200
    except OSError:
        return False
