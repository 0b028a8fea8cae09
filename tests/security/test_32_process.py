"""What the running product writes is its account's alone, and what it listens on is this machine's alone."""

import ipaddress

import pytest

from tests.e2e.product import failed_login, wait_for


@pytest.mark.slow
def test_nobody_else_may_read_the_data_and_every_port_is_local(product):
    product.send_tcp(*[failed_login(number) for number in range(20)])
    wait_for(lambda: product.count("*") == 20)
    product.command("token", "create", "--role", "reader", "--name", "short")
    paths = [product.data, *product.data.rglob("*")]
    assert len(paths) > 20
    open_to_others = {str(path.relative_to(product.data)) for path in paths if path.stat().st_mode & 0o077}
    assert open_to_others == set()
    listening = [each["address"] for each in product.status()["listeners"] if each["address"].rpartition(":")[1]]
    assert len(listening) >= 3
    assert all(ipaddress.ip_address(each.rpartition(":")[0].strip("[]")).is_loopback for each in listening), listening
