"""The fields we know, once: name (ECS 9), type and meaning.

The embedded store's schema, the field reference and completion come from here. What an event carries
beyond it goes to one overflow field, which answers equality, prefix and exists only.

Source: Elastic Common Schema 9, https://www.elastic.co/docs/reference/ecs (names and types; the meanings are ours)
"""

from typing import Literal

import msgspec

FieldType = Literal["keyword", "text", "ip", "long", "double", "date", "boolean"]


class Field(msgspec.Struct, frozen=True):
    """A field's type and what it holds."""

    type: FieldType
    meaning: str


_TABLE = """
@timestamp date when it happened, as the source says
message text what the program wrote, without the envelope
tags keyword words attached by hand or by a parser
ecs.version keyword version of the field names
error.code keyword code of an error
error.message text why a record was rejected, or an error's text
error.type keyword stage that rejected a record, or an error's class
event.action keyword what was done, in the source's terms
event.category keyword family of the event: authentication, web, network, process, iam ...
event.code keyword the source's own number of the event
event.dataset keyword which log it comes from, as module.log
event.duration long nanoseconds it took
event.end date when it ended
event.id keyword id given by the source
event.kind keyword event, alert, metric, state or pipeline_error
event.module keyword product family that wrote it
event.original text the record as it was read
event.outcome keyword success, failure or unknown
event.provider keyword program that wrote it
event.reason keyword why it came out so
event.reference keyword where more can be read
event.risk_score double risk as the source rates it
event.sequence long the source's running number
event.severity long severity as the source numbers it
event.start date when it began
event.timezone keyword zone of the source's times
event.type keyword what kind of change: start, end, access, denied, creation ...
event.url keyword page about this event
agent.id keyword id of a shipping agent
agent.name keyword name of a shipping agent
agent.type keyword kind of a shipping agent
agent.version keyword version of a shipping agent
client.address keyword client as written in the log
client.bytes long bytes the client sent
client.domain keyword name of the client
client.ip ip address of the client
client.port long port of the client
client.user.name keyword account on the client's side
destination.address keyword target as written in the log
destination.as.number long autonomous system of the target
destination.as.organization.name keyword who runs that autonomous system
destination.bytes long bytes the target sent
destination.domain keyword name of the target
destination.geo.city_name keyword city of the target
destination.geo.country_iso_code keyword country of the target
destination.geo.country_name keyword country of the target by name
destination.ip ip address of the target
destination.mac keyword hardware address of the target
destination.nat.ip ip target after translation
destination.nat.port long target port after translation
destination.packets long packets the target sent
destination.port long port of the target
destination.user.name keyword account on the target's side
dns.answers.data keyword answers of a look-up
dns.id keyword number of a DNS message
dns.op_code keyword operation of a DNS message
dns.question.class keyword class asked for
dns.question.name keyword name asked for
dns.question.registered_domain keyword registered domain asked for
dns.question.type keyword record type asked for
dns.resolved_ip ip addresses in the answer
dns.response_code keyword code of the answer
dns.type keyword query or answer
email.attachments.file.name keyword names of attachments
email.direction keyword inbound, outbound or internal
email.from.address keyword sender
email.message_id keyword id in the message's header
email.sender.address keyword envelope sender
email.subject text subject line
email.to.address keyword recipients
file.directory keyword folder of the file
file.extension keyword extension without the dot
file.hash.md5 keyword MD5 of the content
file.hash.sha1 keyword SHA-1 of the content
file.hash.sha256 keyword SHA-256 of the content
file.mime_type keyword media type
file.name keyword name with extension
file.owner keyword owner's name
file.path keyword full path
file.size long bytes
file.type keyword file, dir or symlink
group.domain keyword domain of the group
group.id keyword number of the group
group.name keyword name of the group
host.architecture keyword processor family
host.domain keyword domain the host belongs to
host.hostname keyword host name as the host says it
host.id keyword stable id of the host
host.ip ip addresses of the host
host.mac keyword hardware addresses of the host
host.name keyword where it happened
host.os.family keyword family of the operating system
host.os.name keyword operating system
host.os.version keyword version of the operating system
host.type keyword kind of host
http.request.body.bytes long bytes of the request's body
http.request.bytes long bytes of the request
http.request.id keyword id of the request
http.request.method keyword method
http.request.mime_type keyword media type of the request
http.request.referrer keyword page the request came from
http.response.body.bytes long bytes of the answer's body
http.response.bytes long bytes of the answer
http.response.mime_type keyword media type of the answer
http.response.status_code long status of the answer
http.version keyword protocol version
labels.repeated keyword how often the sender says that the message repeated
labels.source_time keyword the source's time, where it could not be used
log.file.path keyword file it was read from
log.flags keyword what framing had to do: truncated, partial, bad_time
log.level keyword level as the source writes it
log.logger keyword component that logged
log.source.address keyword who sent it to us
log.syslog.appname keyword program name in the envelope
log.syslog.facility.code long facility number
log.syslog.facility.name keyword facility
log.syslog.hostname keyword host in the envelope
log.syslog.msgid keyword message id in the envelope
log.syslog.priority long priority number
log.syslog.procid keyword process in the envelope
log.syslog.severity.code long severity number
log.syslog.severity.name keyword severity
log.syslog.version keyword version of the envelope
network.application keyword application seen in the traffic
network.bytes long bytes both ways
network.community_id keyword hash of both ends of the flow
network.direction keyword inbound, outbound, internal ...
network.iana_number keyword protocol number
network.name keyword name of the network segment
network.packets long packets both ways
network.protocol keyword application protocol
network.transport keyword tcp, udp, icmp ...
network.type keyword ipv4 or ipv6
network.vlan.id keyword VLAN
observer.egress.interface.name keyword interface it left by
observer.egress.zone keyword zone it left to
observer.hostname keyword host name of the observing device
observer.ingress.interface.name keyword interface it came in by
observer.ingress.zone keyword zone it came from
observer.ip ip addresses of the observing device
observer.name keyword name of the observing device
observer.product keyword product of the observing device
observer.serial_number keyword its serial number
observer.type keyword firewall, ids, proxy ...
observer.vendor keyword who made it
observer.version keyword its version
organization.id keyword unit it belongs to
organization.name keyword unit by name
process.args keyword arguments
process.command_line keyword whole command line
process.entity_id keyword unique id of the process
process.executable keyword path of the program
process.exit_code long code it ended with
process.hash.md5 keyword MD5 of the program
process.hash.sha1 keyword SHA-1 of the program
process.hash.sha256 keyword SHA-256 of the program
process.name keyword name of the program
process.parent.command_line keyword command line of the parent
process.parent.executable keyword path of the parent
process.parent.name keyword name of the parent
process.parent.pid long number of the parent
process.pid long number of the process
process.tty.name keyword terminal
process.user.name keyword account it runs as
process.working_directory keyword folder it runs in
registry.data.strings keyword data written
registry.hive keyword hive
registry.key keyword key below the hive
registry.path keyword full path
registry.value keyword name of the value
related.hash keyword every hash in the event
related.hosts keyword every host in the event
related.ip ip every address in the event
related.user keyword every account in the event
rule.category keyword category of the device's rule that fired
rule.description text what the device's rule says
rule.id keyword number of the device's rule
rule.name keyword name of the device's rule
rule.ruleset keyword set of the device's rule
rule.uuid keyword unique id of the device's rule
server.address keyword server as written in the log
server.bytes long bytes the server sent
server.domain keyword name of the server
server.ip ip address of the server
server.port long port of the server
service.name keyword name of the service
service.state keyword state of the service
service.type keyword kind of the service
source.address keyword origin as written in the log
source.as.number long autonomous system of the origin
source.as.organization.name keyword who runs that autonomous system
source.bytes long bytes the origin sent
source.domain keyword name of the origin
source.geo.city_name keyword city of the origin
source.geo.country_iso_code keyword country of the origin
source.geo.country_name keyword country of the origin by name
source.ip ip address of the origin
source.mac keyword hardware address of the origin
source.nat.ip ip origin after translation
source.nat.port long origin port after translation
source.packets long packets the origin sent
source.port long port of the origin
source.user.domain keyword domain of the account on the origin's side
source.user.name keyword account on the origin's side
threat.indicator.ip ip address of a matched indicator
threat.indicator.name keyword name of a matched indicator
threat.indicator.type keyword kind of a matched indicator
threat.tactic.id keyword ATT&CK tactic
threat.tactic.name keyword ATT&CK tactic by name
threat.technique.id keyword ATT&CK technique
threat.technique.name keyword ATT&CK technique by name
tls.cipher keyword cipher agreed
tls.client.ja3 keyword fingerprint of the client
tls.client.server_name keyword server name asked for
tls.established boolean whether the handshake succeeded
tls.server.issuer keyword who issued the certificate
tls.server.subject keyword whom the certificate names
tls.version keyword protocol version agreed
url.domain keyword host of the URL
url.extension keyword extension of the path
url.fragment keyword part after #
url.full keyword whole URL
url.original keyword URL as written in the log
url.path keyword path
url.port long port of the URL
url.query keyword part after ?
url.registered_domain keyword registered domain of the URL
url.scheme keyword scheme
url.username keyword account in the URL
user.changes.name keyword new name of an account
user.domain keyword domain of the account
user.effective.name keyword account whose rights were used
user.email keyword mailbox of the account
user.full_name keyword person's name
user.group.name keyword group of the account
user.id keyword number of the account
user.name keyword account
user.roles keyword roles of the account
user.target.id keyword number of the account acted upon
user.target.name keyword account acted upon
user_agent.name keyword browser or program
user_agent.original keyword user agent as sent
user_agent.version keyword its version
vulnerability.category keyword kind of weakness
vulnerability.description text what the weakness is
vulnerability.id keyword CVE
vulnerability.score.base double CVSS base score
vulnerability.severity keyword severity
winlog.channel keyword Windows channel
winlog.computer_name keyword computer in the Windows event
winlog.event_id keyword number of the Windows event
winlog.keywords keyword keywords of the Windows event
winlog.logon.id keyword log-on session
winlog.logon.type keyword kind of log-on
winlog.opcode keyword opcode of the Windows event
winlog.provider_name keyword provider of the Windows event
winlog.record_id keyword number of the record in its channel
winlog.task keyword task of the Windows event
"""


def _read_table() -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for row in _TABLE.strip().splitlines():
        name, kind, meaning = row.split(" ", 2)
        fields[name] = Field(msgspec.convert(kind, FieldType), meaning)
    return fields


FIELDS: dict[str, Field] = _read_table()
OVERFLOW_NAMESPACES = ("fortinet.", "journald.", "log.syslog.structured_data.", "winlog.", "labels.")
"""Where parsers put what ECS has no name for."""

TEXT_FIELDS = frozenset(name for name, field in FIELDS.items() if field.type == "text")


def field_type(name: str) -> FieldType | None:
    """The type of a field we know, None for any other."""
    field = FIELDS.get(name)
    return None if field is None else field.type


def field_reference() -> str:
    """The page `docs/fields.md`."""
    rows = [f"| `{name}` | {field.type} | {field.meaning} |" for name, field in sorted(FIELDS.items())]
    return (
        "# Trường dữ liệu / Fields\n\n"
        "Sinh từ / made from `core/fields.py`: `python -m core.fields > docs/fields.md`. Tên theo ECS 9; trường khác được giữ\n"
        "và tìm được bằng so khớp bằng, tiền tố, tồn tại. / ECS 9 names; any other field is kept and answers equality, prefix, exists.\n\n"
        "| trường / field | kiểu / type | chứa gì / holds |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


if __name__ == "__main__":
    print(field_reference(), end="")
