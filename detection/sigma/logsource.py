"""Which events a rule meets, and what its field names mean there.

An event's log source is told from the fields that `collectors.normalise` writes; an event whose log source nobody
knows meets no rule at all. Names of other taxonomies are translated when a rule is compiled, never per event.

Source: Sigma taxonomy appendix 2.1, https://sigmahq.io/sigma-specification/specification/sigma-appendix-taxonomy.html
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.event import Value

Fields = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Logsource:
    """What a rule asks for; None asks for nothing. Lower case."""

    product: str | None = None
    category: str | None = None
    service: str | None = None

    def __str__(self) -> str:
        return "/".join(part or "*" for part in (self.product, self.category, self.service))


@dataclass(frozen=True, slots=True)
class Origin:
    """What an event is, under every name that rules use for it."""

    products: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()

    def fits(self, logsource: Logsource) -> bool:
        """Whether a rule of this log source meets the event; never for an event of unknown origin."""
        return (
            (logsource.product is None or logsource.product in self.products)
            and (logsource.category is None or logsource.category in self.categories)
            and (logsource.service is None or logsource.service in self.services)
        )


Key = tuple[Value | None, ...]
"""The values that decide an event's origin."""


def origin_key(fields: Fields) -> Key:
    """Equal for events of the same origin, and cheap."""
    dataset = fields.get("event.dataset")
    if dataset == "fortinet.fortigate":
        return dataset, fields.get("fortinet.firewall.type"), fields.get("fortinet.firewall.subtype")
    return dataset, fields.get("process.name")


_PROGRAMS: Mapping[str, str] = {
    "sshd": "sshd",
    "sshd-session": "sshd",
    "sshd-auth": "sshd",
    "sudo": "sudo",
    "su": "su",
    "cron": "cron",
    "crond": "cron",
    "vsftpd": "vsftpd",
    "clamd": "clamav",
    "freshclam": "clamav",
    "clamscan": "clamav",
    "guacd": "guacamole",
    "auditd": "auditd",
    "audispd": "auditd",
}
_DATASETS: Mapping[str, tuple[str, ...]] = {
    "linux.sshd": ("sshd", "auth"),
    "linux.pam": ("auth", "pam"),
    "linux.sudo": ("auth",),
    "linux.accounts": ("auth",),
    "linux.syslog": (),
}
_FORTIGATE_CATEGORIES: Mapping[str, str] = {"dns": "dns", "webfilter": "proxy", "virus": "antivirus", "ips": "ids"}


def origin_of(key: Key) -> Origin:
    """The origin that belongs to a key."""
    dataset, *more = key
    if not isinstance(dataset, str):
        return Origin()
    if dataset in _DATASETS:
        program = more[0]
        services = {"syslog", *_DATASETS[dataset]}
        if isinstance(program, str) and program.lower() in _PROGRAMS:
            services.add(_PROGRAMS[program.lower()])
        return Origin(frozenset({"linux"}), frozenset(), frozenset(services))
    if dataset in ("nginx.access", "apache.access"):
        server = dataset.partition(".")[0]
        return Origin(frozenset({server}), frozenset({"webserver"}), frozenset({server, "access"}))
    if dataset == "fortinet.fortigate":
        kind, subtype = more
        categories = {"firewall"}
        services = {"fortigate"} | {part.lower() for part in (kind, subtype) if isinstance(part, str)}
        if isinstance(subtype, str) and subtype in _FORTIGATE_CATEGORIES:
            categories.add(_FORTIGATE_CATEGORIES[subtype])
        products = frozenset({"fortinet", "fortigate", "fortios"})
        return Origin(products, frozenset(categories), frozenset(services))
    return Origin()


WEB_FIELDS: Mapping[str, str] = {
    "c-ip": "source.ip",
    "c-uri": "url.original",
    "c-uri-stem": "url.path",
    "c-useragent": "user_agent.original",
    "cs-bytes": "http.request.body.bytes",
    "cs-host": "url.domain",
    "cs-method": "http.request.method",
    "cs-referer": "http.request.referrer",
    "cs-referrer": "http.request.referrer",
    "cs-uri": "url.original",
    # Public rules write whole request targets here ("/owa/auth/x.js?a"), so it is the target, path and query.
    "c-uri-query": "url.original",
    "cs-uri-query": "url.original",
    "cs-uri-stem": "url.path",
    "cs-user-agent": "user_agent.original",
    "cs-username": "user.name",
    "cs-version": "http.version",
    "r-dns": "url.domain",
    "sc-bytes": "http.response.body.bytes",
    "sc-status": "http.response.status_code",
    "s-port": "url.port",
    "src_ip": "source.ip",
    "dst_ip": "destination.ip",
}
NETWORK_FIELDS: Mapping[str, str] = {
    "action": "event.action",
    "app": "network.application",
    "dst_ip": "destination.ip",
    "dst_port": "destination.port",
    "protocol": "network.transport",
    "src_ip": "source.ip",
    "src_port": "source.port",
    "username": "user.name",
    "user": "user.name",
}
FORTIGATE_FIELDS: Mapping[str, str] = {
    **NETWORK_FIELDS,
    "srcip": "source.ip",
    "srcport": "source.port",
    "dstip": "destination.ip",
    "dstport": "destination.port",
    "remip": "source.ip",
    "devname": "observer.name",
    "devid": "observer.serial_number",
    "logid": "event.code",
    "level": "log.level",
    "policyid": "rule.id",
    "attack": "rule.description",
    "hostname": "url.domain",
    "url": "url.original",
    "msg": "message",
    "reason": "event.reason",
    "filename": "file.name",
    "qname": "dns.question.name",
    "query": "dns.question.name",
    "record_type": "dns.question.type",
    "type": "fortinet.firewall.type",
    "subtype": "fortinet.firewall.subtype",
    "status": "fortinet.firewall.status",
    "logdesc": "fortinet.firewall.logdesc",
    "cfgpath": "fortinet.firewall.cfgpath",
    "cfgattr": "fortinet.firewall.cfgattr",
    "cfgobj": "fortinet.firewall.cfgobj",
    "ui": "fortinet.firewall.ui",
}
LINUX_FIELDS: Mapping[str, str] = {
    "USER": "user.effective.name",
    "TTY": "process.tty.name",
    "PWD": "process.working_directory",
    "COMMAND": "process.command_line",
    "CommandLine": "process.command_line",
    "CurrentDirectory": "process.working_directory",
    "Image": "process.executable",
    "User": "user.name",
    "src_ip": "source.ip",
    "SourceIP": "source.ip",
    "username": "user.name",
    "hostname": "host.name",
    "program": "process.name",
    "pid": "process.pid",
}
_FORTIGATE_PRODUCTS = frozenset({"fortinet", "fortigate", "fortios"})
_WEB_SERVERS = frozenset({"nginx", "apache"})


def field_names(logsource: Logsource) -> Mapping[str, str]:
    """Foreign field names of a log source and ours; a name that is not there is ours already."""
    if logsource.product in _FORTIGATE_PRODUCTS:
        return {**WEB_FIELDS, **FORTIGATE_FIELDS}
    if logsource.category in ("firewall", "ids", "dns", "antivirus"):
        return FORTIGATE_FIELDS
    if logsource.category == "proxy":
        return {**FORTIGATE_FIELDS, **WEB_FIELDS}
    if logsource.category == "webserver" or logsource.product in _WEB_SERVERS or logsource.service in _WEB_SERVERS:
        return WEB_FIELDS
    if logsource.product == "linux":
        return LINUX_FIELDS
    return {}
