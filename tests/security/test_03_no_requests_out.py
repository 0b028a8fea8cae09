"""Nothing that somebody writes sends Canh to an address: what is called outward stands in the settings file."""

import ast

import pytest

from tests.house.source import modules

CLIENTS = {"urllib.request", "http.client", "requests", "httpx", "aiohttp", "urllib3", "ftplib", "smtplib", "telnetlib"}
CLIENTS |= {"elasticsearch", "elastic_transport"}
CONNECTS = {"create_connection", "connect", "connect_ex", "open_connection", "sendto"}
ALLOWED = {
    "org/audit_copy.py",  # checkpoints by syslog, to the one address of the settings file
    "collectors/syslog.py",  # a datagram to its own listener
    "org/identity_provider.py",  # the provider of the settings file, where it says it is found
}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


@pytest.mark.slow
def test_no_source_is_a_client_of_the_web():
    found = {str(path): found for path, tree in modules() if (found := CLIENTS & set(imported(tree)))}
    assert found == {
        "collectors/bulk_reading.py": {"http.client"},  # our own web process, at the address it listens on
        "org/audit_mail.py": {"smtplib"},  # checkpoints by mail, to the one server of the settings file
        "org/identity_provider.py": {"http.client"},  # the provider of the settings file, where it says it is found
        "store/events/elasticsearch/connection.py": {"elasticsearch", "elastic_transport"},  # the server of `store.url`
        "store/events/elasticsearch/writer.py": {"elasticsearch"},  # names of errors alone
    }


@pytest.mark.slow
def test_sockets_outward_are_opened_where_the_settings_name_the_address():
    opening = set()
    for path, tree in modules():
        if "socket" in set(imported(tree)) | {name.partition(".")[0] for name in imported(tree)}:
            names = {
                node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")
            }
            if names & CONNECTS:
                opening.add(str(path))
    assert opening == ALLOWED
