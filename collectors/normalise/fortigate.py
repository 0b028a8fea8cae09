r"""FortiGate's key=value log.

    date=2026-11-24 time=09:12:01 devname="FG-TINH" devid="FG100F0000000001" eventtime=1795486321000000000 tz="+0700"
    logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.1.1.5 srcport=51000
    dstip=203.0.113.9 dstport=443 proto=6 action="close" policyid=7 service="HTTPS" sentbyte=1200 rcvdbyte=5400

(one line). Values may be quoted, with `=` inside and quotes escaped by a backslash. `eventtime` is in s, ms, us or ns,
told by its digits.

A FortiGate writes few layouts (sequences of keys), each thousands of times. So a layout that is met often is made into
a pattern of its own that reads the line in one match; everything else is read pair by pair, with the same result.

Source: Fortinet, FortiOS Log Message Reference, https://docs.fortinet.com/product/fortigate (field names and values)
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice
from typing import cast

import msgspec

from collectors.normalise.fields import Fields, is_ip, iso_time, relate

_KEY = r"[A-Za-z_][\w.-]{0,63}"
_PAIR = re.compile(rf'(?<![^\s",])({_KEY})=(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"|([^\s",]*+))', re.DOTALL)
_SHOWN = re.compile(r"([0-9A-Fa-f.:]{3,45})\)?$")
_ESCAPED = re.compile(r'\\(["\\])')
BARE = re.compile(
    r"(?:<(\d{1,3})>)?(?=date=\d{4}-\d\d-\d\d[ ,]|logver=|timestamp=\d|eventtime=\d|devname=|devid=|logid=)"
)
"""How a line begins that has no envelope: at most a priority, then a key that a FortiGate writes first."""
BARE_WITHIN = 16
"""Characters of a bare line within which its first `=` stands."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LEARN_AFTER = 100
MOST_LAYOUTS = 256
LONGEST_WORD = 64
MOST_PAIRS = 256
"""Pairs of one line that become fields; no FortiGate writes half as many."""

KEYWORDS = {
    "action": "event.action",
    "agent": "user_agent.original",
    "app": "network.application",
    "attack": "rule.description",
    "cve": "vulnerability.id",
    "devid": "observer.serial_number",
    "devname": "observer.name",
    "dstcountry": "destination.geo.country_name",
    "dstintf": "observer.egress.interface.name",
    "dstmac": "destination.mac",
    "dstname": "destination.domain",
    "filename": "file.name",
    "group": "user.group.name",
    "hostname": "url.domain",
    "httpmethod": "http.request.method",
    "level": "log.level",
    "logid": "event.code",
    "policyid": "rule.id",
    "policyname": "rule.name",
    "poluuid": "rule.uuid",
    "qclass": "dns.question.class",
    "qname": "dns.question.name",
    "qtype": "dns.question.type",
    "reason": "event.reason",
    "referralurl": "http.request.referrer",
    "service": "network.protocol",
    "srccountry": "source.geo.country_name",
    "srcintf": "observer.ingress.interface.name",
    "srcmac": "source.mac",
    "srcname": "source.domain",
    "unauthuser": "source.user.name",
    "url": "url.original",
    "user": "user.name",
}
NUMBERS = {
    "srcport": "source.port",
    "remport": "source.port",
    "locport": "destination.port",
    "dstport": "destination.port",
    "sentbyte": "source.bytes",
    "rcvdbyte": "destination.bytes",
    "sentpkt": "source.packets",
    "rcvdpkt": "destination.packets",
    "transport": "source.nat.port",
    "tranport": "destination.nat.port",
    "filesize": "file.size",
}
ADDRESSES = {
    "srcip": "source.ip",
    "dstip": "destination.ip",
    "transip": "source.nat.ip",
    "tranip": "destination.nat.ip",
}
TRANSPORTS = {"1": "icmp", "6": "tcp", "17": "udp", "47": "gre", "50": "esp", "58": "ipv6-icmp", "132": "sctp"}
READ_APART = frozenset({"date", "time", "tz", "eventtime", "proto", "duration", "msg"})
"""Keys that end in a field of another kind than theirs."""
UNUSED = frozenset({"date", "time", "tz"})
"""Keys that say nothing more where there is an `eventtime`."""
PARTICULAR = {
    "eventtime": "[0-9]{9,19}",
    **dict.fromkeys(NUMBERS, "[0-9]{1,18}"),
    **dict.fromkeys(ADDRESSES, "[0-9A-Fa-f.:]+"),
}
"""What a value must look like for a layout to read it."""
KNOWN_BY = frozenset({"devid", "devname", "logid"})
OWN = "fortinet.firewall."
"""Namespace of the keys that ECS has no name for."""
TYPE, SUBTYPE, STATUS, DESCRIPTION = f"{OWN}type", f"{OWN}subtype", f"{OWN}status", f"{OWN}logdesc"
REMOTE_ADDRESS, LOCAL_ADDRESS, USER_ADDRESS = f"{OWN}remip", f"{OWN}locip", f"{OWN}userip"
REMOTE_USER, INTERFACE = f"{OWN}xauthuser", f"{OWN}ui"
ATTACK, VIRUS, VIRUS_NAME, POLICY = f"{OWN}attackid", f"{OWN}virusid", f"{OWN}virus", f"{OWN}policyid"
OF_ADDRESSES = tuple((name, f"{OWN}{key}") for key, name in ADDRESSES.items())
UNUSUAL = frozenset(
    {"source.mac", "destination.mac", "source.domain", "destination.domain", "url.domain", "source.user.name"}
    | {ATTACK, VIRUS, VIRUS_NAME}
)
EMPTY = frozenset({"", "N/A"})

_BASE: Fields = {
    "event.dataset": "fortinet.fortigate",
    "event.module": "fortinet",
    "observer.vendor": "Fortinet",
    "observer.product": "FortiGate",
    "observer.type": "firewall",
}
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
_ALLOWED = frozenset(
    {
        "accept",
        "close",
        "timeout",
        "client-rst",
        "server-rst",
        "pass",
        "passthrough",
        "allowed",
        "ip-conn",
        "start",
        "dns",
    }
)
_DENIED = frozenset(
    {"deny", "denied", "block", "blocked", "dropped", "reset", "reset_client", "reset_server", "clear_session"}
)
_FAILED_WORDS = ("fail", "ssl-login-fail", "negotiate-error")
_LOGINS = frozenset({"login", "logout", "ssl-login-fail", "ssl-new-con", "tunnel-up", "authentication", "auth-logon"})


class Layout(msgspec.Struct, frozen=True):
    """One sequence of keys as a device writes it, made into a pattern that reads such a line in one match.

    `names` are the fields of the pattern's groups, `numbers` those of them that hold numbers, with the group.
    """

    pattern: re.Pattern[str]
    names: tuple[str, ...]
    numbers: tuple[tuple[str, int], ...]


class Layouts:
    """The layouts met often of late. They never change what is read, only how fast.

    A layout is made after `LEARN_AFTER` lines that none fitted (making one costs as much as reading fifty lines);
    what a hostile sender can make it hold is bounded.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], Layout] = {}
        self._missed: dict[tuple[str, int], int] = {}

    def __len__(self) -> int:
        return len(self._known)

    def missed(self) -> int:
        """How many kinds of lines are counted that have no layout yet."""
        return len(self._missed)

    def read(self, text: str) -> tuple[Layout, tuple[str, ...]] | None:
        """The layout of a line and its values; None where no layout fits it."""
        if "\\" in text:
            return None
        at = text.find("logid=", 0, 400)
        hint = (text[at : at + 17], text.count("=", at))
        layout = self._known.get(hint)
        if layout is not None and (found := layout.pattern.fullmatch(text)) is not None:
            return layout, found.groups()
        missed = self._missed[hint] = self._missed.get(hint, 0) + 1
        if missed >= LEARN_AFTER:
            self._learn(hint, text)
        if len(self._missed) > MOST_LAYOUTS:
            self._missed.clear()
        return None

    def _learn(self, hint: tuple[str, int], text: str) -> None:
        del self._missed[hint]
        layout = make_layout(text)
        if layout is not None:
            if len(self._known) >= MOST_LAYOUTS:
                del self._known[next(iter(self._known))]
            self._known[hint] = layout


_layouts = Layouts()


def parse(text: str, fields: Fields, zone: tzinfo) -> tuple[datetime | None, str] | None:
    """Add what a FortiGate line says; its time (aware UTC) and stamp, None where it is none."""
    text = text.strip()
    met = _layouts.read(text)
    if met is None:
        return parse_plainly(text, fields, zone)
    return fill(*met, fields, zone)


def fill(layout: Layout, values: tuple[str, ...], fields: Fields, zone: tzinfo) -> tuple[datetime | None, str]:
    """Add the values that a layout has read in a line."""
    fields.update(zip(layout.names, values))  # noqa: B905  (one name for each group)
    for name, group in layout.numbers:
        fields[name] = int(values[group])
    if "N/A" in values:
        for name in layout.names:
            if fields[name] in EMPTY:
                del fields[name]
    return _finish(fields, zone)


def parse_plainly(text: str, fields: Fields, zone: tzinfo) -> tuple[datetime | None, str] | None:
    """As `parse`, pair by pair: what the layouts are proved against. Linear in the line."""
    pairs = read_pairs(text)
    if not pairs.get("type") or KNOWN_BY.isdisjoint(pairs):
        return None
    for key, value in pairs.items():
        if (name := NUMBERS.get(key)) is not None and is_number(value):
            fields[name] = int(value)
        elif value not in EMPTY and not (key in UNUSED and is_time(pairs.get("eventtime", ""))):
            fields[_name(key)] = value
    return _finish(fields, zone)


def read_pairs(text: str) -> dict[str, str]:
    """The pairs of a line, the last of each key, escapes undone; at most `MOST_PAIRS`."""
    return {
        found[1]: (_ESCAPED.sub(r"\1", found[2]) if found[2] and "\\" in found[2] else found[2] or found[3] or "")
        for found in islice(_PAIR.finditer(text), MOST_PAIRS)
    }


def is_number(value: str) -> bool:
    """Whether a value is a count that the store can hold."""
    return value.isdecimal() and len(value) < 19


def is_time(value: str) -> bool:
    """Whether a value counts something since 1970."""
    return value.isdecimal() and 9 <= len(value) <= 19


def make_layout(text: str) -> Layout | None:
    """The layout of a line; None where something is odd: a key twice, a value unlike its key or none."""
    found = list(islice(_PAIR.finditer(text), MOST_PAIRS))
    keys = [pair[1] for pair in found]
    if "\\" in text or len(set(keys)) < len(keys) or "type" not in keys or KNOWN_BY.isdisjoint(keys):
        return None
    patterns: list[str] = []
    names: list[str] = []
    numbers: list[tuple[str, int]] = []
    for pair in found:
        key, is_quoted = pair[1], pair[2] is not None
        value = PARTICULAR.get(key) or (r'[^"]+' if is_quoted else "[0-9]+" if pair[3].isdecimal() else r'[^\s",]+')
        if not pair[2] and not pair[3]:
            return None
        if key in UNUSED and "eventtime" in keys:
            value = f"?:{value}"
        else:
            if key in NUMBERS:
                numbers.append((NUMBERS[key], len(names)))
            names.append(NUMBERS.get(key) or _name(key))
        patterns.append(f'{re.escape(key)}="({value})"' if is_quoted else f"{re.escape(key)}=({value})")
    pattern = re.compile(" ".join(patterns))
    if pattern.fullmatch(text) is None:
        return None
    return Layout(pattern, tuple(names), tuple(numbers))


def _name(key: str) -> str:
    return key if key in READ_APART else KEYWORDS.get(key) or ADDRESSES.get(key) or f"{OWN}{key}"


def _finish(fields: Fields, zone: tzinfo) -> tuple[datetime | None, str]:
    """What follows from the values: time, classes, ends, accounts, what matched."""
    read = cast("dict[str, str]", fields)  # of what is read back here, all are texts
    time = _time(read, zone)
    related = []
    for name, own in OF_ADDRESSES:
        if (address := read.get(name)) is not None:
            if not is_ip(address):
                read[own] = read.pop(name)
            elif address not in related:
                related.append(address)
    if "source.ip" not in read:
        _find_ends(read, related)
    if "source.ip" in read:
        read["source.address"] = read["source.ip"]
    if "destination.ip" in read:
        read["destination.address"] = read["destination.ip"]
    if related:
        fields["related.ip"] = related
    if (user := read.get("user.name") or read.get(REMOTE_USER)) is not None:
        read["user.name"] = user
        relate(fields, "related.user", user)
    if not read.keys().isdisjoint(UNUSUAL):
        _rename(read, fields)
    text = read.pop("msg", None) or read.get(DESCRIPTION) or read.get("rule.description")
    duration = read.pop("duration", None)
    fields.update(
        _classify(
            read.get(TYPE, "")[:LONGEST_WORD],
            read.get(SUBTYPE, "")[:LONGEST_WORD],
            read.get("event.action", "")[:LONGEST_WORD],
            read.get(STATUS, "")[:LONGEST_WORD],
            read.pop("proto", "")[:LONGEST_WORD],
        )
    )
    if text is not None:
        fields["message"] = text
    if duration is not None and duration.isdecimal() and len(duration) < 10:
        fields["event.duration"] = int(duration) * 1_000_000_000
    return time


def _find_ends(read: dict[str, str], related: list[str]) -> None:
    """The ends of log-ins and tunnels, without `srcip`: `remip` and `locip`, `userip`, `ui="https(203.0.113.9)"`."""
    shown = _SHOWN.search(read.get(INTERFACE, ""))
    for remote in (read.get(REMOTE_ADDRESS), read.get(USER_ADDRESS), shown and shown[1]):
        if remote and is_ip(remote):
            read["source.ip"] = remote
            break
    local = read.get(LOCAL_ADDRESS, "")
    if "destination.ip" not in read and is_ip(local):
        read["destination.ip"] = local
    for name in ("source.ip", "destination.ip"):
        if name in read and read[name] not in related:
            related.append(read[name])


def _rename(read: dict[str, str], fields: Fields) -> None:
    """What lines of few kinds carry: a signature, hardware addresses, names of the ends."""
    for name in ("source.mac", "destination.mac"):
        if name in read:
            read[name] = read[name].replace(":", "-").upper()
    for name in ("source.domain", "destination.domain", "url.domain"):
        if name in read:
            relate(fields, "related.hosts", read[name])
    if "source.user.name" in read:
        relate(fields, "related.user", read["source.user.name"])
    if matched := read.get(ATTACK) or read.get(VIRUS):
        if "rule.id" in read:
            read[POLICY] = read["rule.id"]
        read["rule.id"] = matched
    if virus := read.get(VIRUS_NAME):
        read["rule.name"] = virus


@lru_cache(maxsize=1024)
def _classify(kind: str, subtype: str, action: str, status: str, protocol: str) -> Fields:
    """What a line is, from the words that say so."""
    fields = dict(_BASE)
    is_denied = action in _DENIED
    if kind == "traffic":
        fields["event.category"] = ["network"]
        fields["event.type"] = ["connection", "denied" if is_denied else "start" if action == "start" else "end"]
    elif kind == "event" and action in _LOGINS:
        fields["event.category"] = ["authentication"]
        fields["event.type"] = ["end" if action == "logout" else "start"]
    else:
        categories, types = _CATEGORIES.get((kind, subtype), (["host"], ["info"]))
        fields["event.category"] = categories
        fields["event.type"] = [*types, "denied"] if is_denied and "network" in categories else types
    if status.startswith(_FAILED_WORDS) or action.startswith(_FAILED_WORDS):
        fields["event.outcome"] = "failure"
    elif is_denied or status == "success" or action in _ALLOWED or action.startswith("tunnel-up"):
        # The firewall did what it was told; that it refused is in event.type (ECS, Using the categorization fields).
        fields["event.outcome"] = "success"
    if protocol:
        fields["network.iana_number"] = protocol
        if protocol in TRANSPORTS:
            fields["network.transport"] = TRANSPORTS[protocol]
    fields["message"] = " ".join(word for word in (kind, subtype, action) if word)
    return fields


def _time(read: dict[str, str], zone: tzinfo) -> tuple[datetime | None, str]:
    """The line's time and stamp, taken out of what was read."""
    stamp = read.pop("eventtime", "")
    if is_time(stamp):
        digits = len(stamp)
        microseconds = int(stamp[:-3] if digits > 16 else stamp if digits > 13 else f"{stamp}000")
        try:
            return _EPOCH + timedelta(0, 0, microseconds if digits > 10 else microseconds * 1_000), stamp
        except OverflowError:
            return None, stamp
    date, time, offset = read.pop("date", ""), read.pop("time", ""), read.pop("tz", "")
    if not date:
        return None, stamp
    return iso_time(f"{date}T{time}{offset}", zone), f"{date} {time}"
