r"""Access logs of nginx and Apache: the common, combined and vhost_combined formats.

    203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET /dich-vu?id=1%27 HTTP/1.1" 404 153 "-" "sqlmap/1.8"
    portal.example:443 203.0.113.9 - an [24/Nov/2026:09:12:01 +0700] "POST /login HTTP/1.1" 200 512 "-" "Mozilla/5.0"
    203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "\x16\x03\x01" 400 150 "-" "-"

Source: nginx ngx_http_log_module https://nginx.org/en/docs/http/ngx_http_log_module.html,
Apache mod_log_config https://httpd.apache.org/docs/2.4/mod/mod_log_config.html
"""

import re
from datetime import datetime

from collectors.normalise.fields import Fields, common_log_time, put_source

_ACCESS = re.compile(
    r'(?:(\S+?)(?::(\d{1,5}))? )?(\S+) (\S+) (.{1,256}?) \[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] '
    r'"((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?'
)
_REQUEST = re.compile(r"([A-Za-z_-]{1,32}) (.*?)(?: HTTP/(\d(?:\.\d)?))?$")


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
    host, port, address, identity, user, stamp, request, status, size, referrer, agent = found.groups()
    if server is None:
        server = "apache" if host or size == "-" or identity != "-" else "nginx"
    code = int(status)
    fields["event.dataset"] = f"{server}.access"
    fields["event.module"] = server
    fields["event.category"] = ["web"]
    fields["event.type"] = ["access"]
    fields["event.outcome"] = "success" if code < 400 else "failure"
    fields["http.response.status_code"] = code
    put_source(fields, address)
    if user != "-":
        fields["user.name"] = user
        fields["related.user"] = [user]
    if host:
        fields["url.domain"] = host
    if port:
        fields["url.port"] = int(port)
    if size != "-":
        fields["http.response.body.bytes"] = int(size)
    if referrer and referrer != "-":
        fields["http.request.referrer"] = referrer
    if agent and agent != "-":
        fields["user_agent.original"] = agent
    parts = _REQUEST.match(request)
    if parts is not None:
        method, url, version = parts.groups()
        fields["http.request.method"] = method
        fields["url.original"] = url
        path, mark, query = url.partition("?")
        fields["url.path"] = path
        if mark:
            fields["url.query"] = query
        if version:
            fields["http.version"] = version
    elif request and request != "-":
        fields["url.original"] = request
    fields["message"] = request
    return common_log_time(stamp), stamp
