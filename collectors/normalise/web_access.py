r"""Access logs of nginx and Apache: the common, combined and vhost_combined formats.

    203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET /dich-vu?id=1%27 HTTP/1.1" 404 153 "-" "sqlmap/1.8"
    portal.example:443 203.0.113.9 - an [24/Nov/2026:09:12:01 +0700] "POST /login HTTP/1.1" 200 512 "-" "Mozilla/5.0"
    203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "\x16\x03\x01" 400 150 "-" "-"
    203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET http://example.org:8080/?a=1 HTTP/1.1" 404 153 "-" "-"
    203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "CONNECT example.org:443 HTTP/1.1" 400 157 "-" "-"

The last two ask for a proxy: their host is the one that was asked for, not the server's.

Source: nginx ngx_http_log_module https://nginx.org/en/docs/http/ngx_http_log_module.html,
Apache mod_log_config https://httpd.apache.org/docs/2.4/mod/mod_log_config.html,
RFC 9112 section 3.2 https://www.rfc-editor.org/rfc/rfc9112#section-3.2 (forms of the request's target)
"""

import re
from datetime import datetime

from collectors.normalise.fields import Fields, common_log_time, is_ip, put_source, put_user, relate

_ACCESS = re.compile(
    r"(.{1,1024}?) \[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "
    r'"([^"\\]*+(?:\\.[^"\\]*+)*+)" (\d{3}) (\d{1,18}+(?!\d)|-)'
    r'(?: "([^"\\]*+(?:\\.[^"\\]*+)*+)" "([^"\\]*+(?:\\.[^"\\]*+)*+)")?',
    re.DOTALL,
)
_METHOD = re.compile(r"[A-Za-z_-]{1,32}")
_VERSION = re.compile(r"HTTP/(\d(?:\.\d)?)")
_ABSOLUTE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,31})://([^/?#]*)")
_AUTHORITY = re.compile(r"(?:([^@]*)@)?(\[[0-9A-Fa-f:.]{2,45}\]|[^\s:@\[\]/?#]{1,253})(?::(\d{0,5}))?")


def looks_like_access(text: str) -> bool:
    """Whether a line is worth trying: cheap, and never wrong for a real one."""
    return '] "' in text and " [" in text


def parse(text: str, fields: Fields, server: str | None) -> tuple[datetime | None, str] | None:
    """Add what an access line says; its time (aware UTC) and stamp, None where it is no access line.

    `server` is `nginx` or `apache`; None decides by what only Apache writes (a virtual host, `-` for no bytes).
    """
    found = _ACCESS.match(text)
    if found is None:
        return None
    client, stamp, request, status, size, referrer, agent = found.groups()
    ends = _read_client(client)
    if ends is None:
        return None
    host, address, identity, user = ends
    if server is None:
        server = "apache" if host or size == "-" or identity != "-" else "nginx"
    fields["event.dataset"] = f"{server}.access"
    fields["event.module"] = server
    fields["event.category"] = ["web"]
    fields["event.type"] = ["access"]
    fields["event.outcome"] = "success" if status < "400" else "failure"
    fields["http.response.status_code"] = int(status)
    put_source(fields, address)
    if user != "-":
        put_user(fields, user)
    if host:
        name, _, port = host.rpartition(":")
        if name and port.isdecimal() and len(port) < 6:
            fields["url.port"] = int(port)
            host = name
        fields["url.domain"] = host
        relate(fields, "related.hosts", host)
    if size != "-":
        fields["http.response.body.bytes"] = int(size)
    if referrer and referrer != "-":
        fields["http.request.referrer"] = referrer
    if agent and agent != "-":
        fields["user_agent.original"] = agent
    if request and request != "-":
        fields["message"] = request
        _read_request(request, fields)
    else:
        fields["message"] = text
    return common_log_time(stamp), stamp


def _read_client(client: str) -> tuple[str, str, str, str] | None:
    """Virtual host, address, identity and user before the time; the user is the attacker's, blanks and all."""
    words = client.split(" ", 3)
    if len(words) < 3 or not words[0] or not words[1]:
        return None
    if len(words) == 4 and (is_ip(words[1]) or (words[1] != "-" and words[2] == "-" and not is_ip(words[0]))):
        return words[0], words[1], words[2], words[3] or "-"
    return "", words[0], words[1], " ".join(words[2:]) or "-"


def _read_request(request: str, fields: Fields) -> None:
    method, blank, rest = request.partition(" ")
    url, _, protocol = rest.rpartition(" ")
    version = _VERSION.fullmatch(protocol)
    if version is None:
        url = rest
    if not blank or _METHOD.fullmatch(method) is None:
        fields["url.original"] = request
        return
    fields["http.request.method"] = method
    if version is not None:
        fields["http.version"] = version[1]
    if url:
        fields["url.original"] = url
        if url[0] != "/":
            url = _read_host(method, url, fields)
        path, mark, query = url.partition("?")
        if path:
            fields["url.path"] = path
        if mark and query:
            fields["url.query"] = query


def _read_host(method: str, url: str, fields: Fields) -> str:
    """Add the host that a target names; what is left of the target: path and query."""
    if absolute := _ABSOLUTE.match(url):
        fields["url.scheme"] = absolute[1].lower()
        authority, rest = absolute[2], url[absolute.end() :]
    elif method == "CONNECT":
        authority, rest = url, ""
    else:
        return url
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        # No host that can be one: whatever it is, it stays where the rules look.
        return rest or url
    user, host, port = found.groups()
    host = host.lower()
    for part in ("domain", "port"):
        # The virtual host: who was asked to be the proxy.
        if (asked := fields.pop(f"url.{part}", None)) is not None:
            fields[f"destination.{part}"] = asked
    fields["url.domain"] = host
    address = host.strip("[]")
    relate(fields, "related.ip" if is_ip(address) else "related.hosts", address)
    if port:
        fields["url.port"] = int(port)
    if user and (name := user.partition(":")[0]):
        fields["url.username"] = name
    return rest
