r"""FortiGate's key=value log.

    date=2026-11-24 time=09:12:01 devname="FG-TINH" devid="FG100F0000000001" eventtime=1795486321000000000 tz="+0700"
    logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.1.1.5 srcport=51000
    dstip=203.0.113.9 dstport=443 proto=6 action="close" policyid=7 service="HTTPS" sentbyte=1200 rcvdbyte=5400

(one line). Values may be quoted, with `=` inside and quotes escaped by a backslash. `eventtime` is in s, ms, us or ns, told by its digits.

Source: Fortinet, FortiOS Log Message Reference, https://docs.fortinet.com/product/fortigate (field names and values)
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from collectors.normalise.fields import Fields, is_ip, iso_time

_PAIR = re.compile(r'([A-Za-z_][\w.-]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))')
_START = re.compile(r'(?:date=\d{4}-\d\d-\d\d time=|logver=|timestamp=\d+ |.{0,200}?\bdevid="?F[A-Z0-9])')
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

KEYWORDS = {
    "devname": "observer.name",
    "devid": "observer.serial_number",
    "logid": "event.code",
    "action": "event.action",
    "srcintf": "observer.ingress.interface.name",
    "dstintf": "observer.egress.interface.name",
    "service": "network.protocol",
    "app": "network.application",
    "srccountry": "source.geo.country_name",
    "dstcountry": "destination.geo.country_name",
    "policyid": "rule.id",
    "policyname": "rule.name",
    "poluuid": "rule.uuid",
    "attack": "rule.description",
    "hostname": "url.domain",
    "url": "url.original",
    "agent": "user_agent.original",
    "reason": "event.reason",
    "filename": "file.name",
    "srcname": "source.domain",
    "dstname": "destination.domain",
    "srcmac": "source.mac",
    "dstmac": "destination.mac",
    "qname": "dns.question.name",
    "qtype": "dns.question.type",
    "qclass": "dns.question.class",
    "level": "log.level",
    "group": "user.group.name",
    "unauthuser": "source.user.name",
    "httpmethod": "http.request.method",
    "referralurl": "http.request.referrer",
    "cve": "vulnerability.id",
}
NUMBERS = {
    "srcport": "source.port",
    "dstport": "destination.port",
    "sentbyte": "source.bytes",
    "rcvdbyte": "destination.bytes",
    "sentpkt": "source.packets",
    "rcvdpkt": "destination.packets",
    "transport": "source.nat.port",
    "tranport": "destination.nat.port",
    "sessionid": "event.sequence",
    "filesize": "file.size",
}
ADDRESSES = {"srcip": "source.ip", "dstip": "destination.ip", "transip": "source.nat.ip", "tranip": "destination.nat.ip"}
REMOTE = {"remip": "source.ip"}
TRANSPORTS = {"1": "icmp", "6": "tcp", "17": "udp", "47": "gre", "50": "esp", "58": "ipv6-icmp", "132": "sctp"}
SKIPPED = frozenset({"date", "time", "eventtime", "tz", "logver", "timestamp"})

_CATEGORIES: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    ("utm", "virus"): (["malware", "network"], ["info"]),
    ("utm", "ips"): (["intrusion_detection", "network"], ["info"]),
    ("utm", "anomaly"): (["intrusion_detection", "network"], ["info"]),
    ("utm", "webfilter"): (["web", "network"], ["access"]),
    ("utm", "app-ctrl"): (["network"], ["info"]),
    ("utm", "dns"): (["network"], ["protocol", "info"]),
    ("event", "user"): (["authentication"], ["info"]),
    ("event", "vpn"): (["network", "session"], ["info"]),
    ("event", "system"): (["configuration"], ["info"]),
}
_TRAFFIC: tuple[list[str], list[str]] = (["network"], ["connection", "end"])
_HOST: tuple[list[str], list[str]] = (["host"], ["info"])
_ALLOWED = frozenset({"accept", "close", "timeout", "client-rst", "server-rst", "pass", "passthrough", "allowed", "ip-conn", "start", "dns"})
_DENIED = frozenset({"deny", "denied", "block", "blocked", "dropped", "reset", "reset_client", "reset_server", "clear_session"})
_FAILED_WORDS = ("failed", "failure", "fail", "ssl-login-fail", "negotiate-error")
_LOGINS = frozenset({"login", "logout", "ssl-login-fail", "ssl-new-con", "tunnel-up", "authentication", "auth-logon"})


def looks_like_fortigate(text: str) -> bool:
    """Whether a line is worth trying."""
    return _START.match(text) is not None


def parse(text: str, fields: Fields, zone: tzinfo) -> tuple[datetime | None, str] | None:
    """Add what a FortiGate line says; its time (aware UTC) and stamp, None where it is none."""
    pairs = {key: quoted or plain for key, quoted, plain in _PAIR.findall(text)}
    kind = pairs.get("type", "")
    if not kind or not ("devid" in pairs or "logid" in pairs or "devname" in pairs):
        return None
    subtype = pairs.get("subtype", "")
    fields["event.dataset"] = "fortinet.fortigate"
    fields["event.module"] = "fortinet"
    fields["observer.vendor"] = "Fortinet"
    fields["observer.product"] = "FortiGate"
    fields["observer.type"] = "firewall"
    categories = _TRAFFIC if kind == "traffic" else _CATEGORIES.get((kind, subtype), _HOST)
    fields["event.category"], fields["event.type"] = categories
    related: list[str] = []
    keywords, numbers, addresses = KEYWORDS.get, NUMBERS.get, ADDRESSES.get
    for key, value in pairs.items():
        if not value or value == "N/A":
            continue
        name = keywords(key)
        if name is not None:
            fields[name] = value if "\\" not in value else value.replace('\\"', '"').replace("\\\\", "\\")
            continue
        name = numbers(key)
        if name is not None and value.isdecimal() and len(value) < 19:
            fields[name] = int(value)
            continue
        name = addresses(key)
        if name is not None and is_ip(value):
            fields[name] = value
            related.append(value)
            continue
        if key not in SKIPPED:
            fields[f"fortinet.firewall.{key}"] = value
    _finish(pairs, kind, fields, related)
    return _time(pairs, zone)


def _finish(pairs: dict[str, str], kind: str, fields: Fields, related: list[str]) -> None:
    """What follows from several keys."""
    protocol = pairs.get("proto")
    if protocol and kind != "event":
        fields["network.iana_number"] = protocol
        if protocol in TRANSPORTS:
            fields["network.transport"] = TRANSPORTS[protocol]
    user = pairs.get("user") or pairs.get("xauthuser")
    if user and user != "N/A":
        fields["user.name"] = user
        fields["related.user"] = [user]
        fields.pop("fortinet.firewall.user", None)
    remote = pairs.get("remip")
    if remote and "source.ip" not in fields and is_ip(remote):
        fields["source.ip"] = remote
        related.append(remote)
    if "source.ip" in fields:
        fields["source.address"] = fields["source.ip"]
    if "destination.ip" in fields:
        fields["destination.address"] = fields["destination.ip"]
    if related:
        fields["related.ip"] = list(dict.fromkeys(related))
    attack_id = pairs.get("attackid") or pairs.get("virusid")
    if attack_id:
        fields["rule.id"] = attack_id
    if virus := pairs.get("virus"):
        fields["rule.name"] = virus
    status, action = pairs.get("status", ""), pairs.get("action", "")
    if action in _LOGINS and kind == "event":
        fields["event.category"] = ["authentication"]
    if status.startswith(_FAILED_WORDS) or action.startswith(_FAILED_WORDS) or action in _DENIED:
        fields["event.outcome"] = "failure"
    elif status == "success" or action in _ALLOWED or action.startswith("tunnel-up"):
        fields["event.outcome"] = "success"
    duration = pairs.get("duration", "")
    if duration.isdecimal() and len(duration) < 10:
        fields["event.duration"] = int(duration) * 1_000_000_000
        fields.pop("fortinet.firewall.duration", None)
    text = pairs.get("msg") or pairs.get("logdesc") or pairs.get("attack") or ""
    fields["message"] = text.replace('\\"', '"') if text else f"{kind} {pairs.get('subtype', '')} {action}".strip()


def _time(pairs: dict[str, str], zone: tzinfo) -> tuple[datetime | None, str]:
    stamp = pairs.get("eventtime", "")
    if stamp.isdecimal() and 9 <= len(stamp) <= 19:
        digits = len(stamp)
        divisor = 1_000_000_000 if digits > 16 else 1_000_000 if digits > 13 else 1_000 if digits > 10 else 1
        try:
            return _EPOCH + timedelta(microseconds=int(stamp) * 1_000_000 // divisor), stamp
        except OverflowError:
            return None, stamp
    date, time = pairs.get("date", ""), pairs.get("time", "")
    if not date:
        return None, ""
    return iso_time(f"{date}T{time}{pairs.get('tz', '')}", zone), f"{date} {time}"
