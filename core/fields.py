"""The fields we know, once: name (ECS 9), type and meaning.

The embedded store's schema, the field reference and completion come from here. What an event carries
beyond it goes to one overflow field, which answers equality, prefix and exists only.

Of `winlog.event_data.*` the table holds what two or more rules of SigmaHQ ask for, and what makes a log-on or a process
readable.

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
agent.id keyword id of a shipping agent
agent.name keyword name of a shipping agent
agent.type keyword kind of a shipping agent
agent.version keyword version of a shipping agent
client.address keyword client as written in the log
client.as.number long autonomous system of the client
client.as.organization.name keyword who runs that autonomous system
client.bytes long bytes the client sent
client.domain keyword name of the client
client.geo.country_iso_code keyword country of the client
client.geo.country_name keyword country of the client by name
client.ip ip address of the client
client.mac keyword hardware address of the client
client.nat.ip ip client after translation
client.nat.port long client port after translation
client.packets long packets the client sent
client.port long port of the client
client.registered_domain keyword registered domain of the client
client.user.domain keyword domain of the account on the client's side
client.user.id keyword number of the account on the client's side
client.user.name keyword account on the client's side
cloud.account.id keyword account at the cloud provider
cloud.account.name keyword account at the cloud provider by name
cloud.availability_zone keyword part of the region
cloud.instance.id keyword machine at the cloud provider
cloud.instance.name keyword machine at the cloud provider by name
cloud.machine.type keyword size of that machine
cloud.project.id keyword project at the cloud provider
cloud.project.name keyword project at the cloud provider by name
cloud.provider keyword aws, azure, gcp ...
cloud.region keyword region
cloud.service.name keyword service of the cloud provider
container.id keyword number of the container
container.image.hash.all keyword hashes of the image
container.image.name keyword image it runs
container.image.tag keyword version of the image
container.name keyword name of the container
container.runtime keyword what runs it
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
destination.registered_domain keyword registered domain of the target
destination.subdomain keyword part before the registered domain
destination.top_level_domain keyword last part of the target's name
destination.user.domain keyword domain of the account on the target's side
destination.user.id keyword number of the account on the target's side
destination.user.name keyword account on the target's side
device.id keyword phone or other device
device.manufacturer keyword who made the device
device.model.name keyword model of the device
dll.code_signature.exists boolean whether the library is signed
dll.code_signature.status keyword what checking the signature said
dll.code_signature.subject_name keyword who signed the library
dll.code_signature.trusted boolean whether the signer is trusted
dll.code_signature.valid boolean whether the signature holds
dll.hash.md5 keyword MD5 of the library
dll.hash.sha1 keyword SHA-1 of the library
dll.hash.sha256 keyword SHA-256 of the library
dll.name keyword file name of the library
dll.path keyword full path of the library
dll.pe.company keyword maker named in the library
dll.pe.description keyword purpose named in the library
dll.pe.file_version keyword version named in the library
dll.pe.imphash keyword hash of what the library imports
dll.pe.original_file_name keyword name the library was built under
dll.pe.product keyword product named in the library
dns.answers.class keyword class of each answer
dns.answers.data keyword answers of a look-up
dns.answers.name keyword name of each answer
dns.answers.ttl long seconds an answer may be kept
dns.answers.type keyword record type of each answer
dns.header_flags keyword flags of a DNS message
dns.id keyword number of a DNS message
dns.op_code keyword operation of a DNS message
dns.question.class keyword class asked for
dns.question.name keyword name asked for
dns.question.registered_domain keyword registered domain asked for
dns.question.subdomain keyword part before the registered domain
dns.question.top_level_domain keyword last part of the name asked for
dns.question.type keyword record type asked for
dns.resolved_ip ip addresses in the answer
dns.response_code keyword code of the answer
dns.type keyword query or answer
ecs.version keyword version of the field names
email.attachments.file.extension keyword extensions of attachments
email.attachments.file.hash.md5 keyword MD5 of attachments
email.attachments.file.hash.sha256 keyword SHA-256 of attachments
email.attachments.file.mime_type keyword media types of attachments
email.attachments.file.name keyword names of attachments
email.attachments.file.size long bytes of attachments
email.bcc.address keyword hidden recipients
email.cc.address keyword recipients of a copy
email.content_type keyword media type of the message
email.delivery_timestamp date when it was delivered
email.direction keyword inbound, outbound or internal
email.from.address keyword sender
email.local_id keyword id that the mail server gave it
email.message_id keyword id in the message's header
email.origination_timestamp date when it was written
email.reply_to.address keyword where answers go
email.sender.address keyword envelope sender
email.subject text subject line
email.to.address keyword recipients
email.x_mailer keyword program it was written with
error.code keyword code of an error
error.message text why a record was rejected, or an error's text
error.stack_trace text where the error came from
error.type keyword stage that rejected a record, or an error's class
event.action keyword what was done, in the source's terms
event.category keyword family of the event: authentication, web, network, process, iam ...
event.code keyword the source's own number of the event
event.created date when the first program read it
event.dataset keyword which log it comes from, as module.log
event.duration long nanoseconds it took
event.end date when it ended
event.id keyword id given by the source
event.ingested date when it was stored
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
file.accessed date when last read
file.attributes keyword attributes of the file
file.code_signature.exists boolean whether the file is signed
file.code_signature.status keyword what checking the signature said
file.code_signature.subject_name keyword who signed the file
file.code_signature.trusted boolean whether the signer is trusted
file.code_signature.valid boolean whether the signature holds
file.created date when made
file.ctime date when its attributes last changed
file.directory keyword folder of the file
file.drive_letter keyword drive it lies on
file.extension keyword extension without the dot
file.gid keyword number of the owning group
file.group keyword owning group
file.hash.md5 keyword MD5 of the content
file.hash.sha1 keyword SHA-1 of the content
file.hash.sha256 keyword SHA-256 of the content
file.hash.sha512 keyword SHA-512 of the content
file.hash.ssdeep keyword fuzzy hash of the content
file.inode keyword inode
file.mime_type keyword media type
file.mode keyword rights in octal
file.mtime date when its content last changed
file.name keyword name with extension
file.owner keyword owner's name
file.path keyword full path
file.pe.company keyword maker named in the program
file.pe.description keyword purpose named in the program
file.pe.file_version keyword version named in the program
file.pe.imphash keyword hash of what the program imports
file.pe.original_file_name keyword name the program was built under
file.pe.product keyword product named in the program
file.size long bytes
file.target_path keyword where a link points
file.type keyword file, dir or symlink
file.uid keyword number of the owner
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
host.os.full keyword operating system with version
host.os.kernel keyword version of the kernel
host.os.name keyword operating system
host.os.platform keyword operating system in one word
host.os.type keyword linux, windows, macos ...
host.os.version keyword version of the operating system
host.type keyword kind of host
host.uptime long seconds since it started
http.request.body.bytes long bytes of the request's body
http.request.body.content text body of the request
http.request.bytes long bytes of the request
http.request.id keyword id of the request
http.request.method keyword method
http.request.mime_type keyword media type of the request
http.request.referrer keyword page the request came from
http.response.body.bytes long bytes of the answer's body
http.response.body.content text body of the answer
http.response.bytes long bytes of the answer
http.response.mime_type keyword media type of the answer
http.response.status_code long status of the answer
http.version keyword protocol version
labels.repeated keyword how often the sender says that the message repeated
labels.source_time keyword the source's time, where it could not be used
log.file.line long line of the file
log.file.path keyword file it was read from
log.flags keyword what framing had to do: truncated, partial, bad_time
log.level keyword level as the source writes it
log.logger keyword component that logged
log.offset long byte of the file at which it begins
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
message text what the program wrote, without the envelope
network.application keyword application seen in the traffic
network.bytes long bytes both ways
network.community_id keyword hash of both ends of the flow
network.direction keyword inbound, outbound, internal ...
network.forwarded_ip ip client named by a proxy
network.iana_number keyword protocol number
network.name keyword name of the network segment
network.packets long packets both ways
network.protocol keyword application protocol
network.transport keyword tcp, udp, icmp ...
network.type keyword ipv4 or ipv6
network.vlan.id keyword VLAN
network.vlan.name keyword VLAN by name
observer.egress.interface.alias keyword interface it left by, as administrators call it
observer.egress.interface.id keyword number of the interface it left by
observer.egress.interface.name keyword interface it left by
observer.egress.vlan.id keyword VLAN it left by
observer.egress.zone keyword zone it left to
observer.hostname keyword host name of the observing device
observer.ingress.interface.alias keyword interface it came in by, as administrators call it
observer.ingress.interface.id keyword number of the interface it came in by
observer.ingress.interface.name keyword interface it came in by
observer.ingress.vlan.id keyword VLAN it came in by
observer.ingress.zone keyword zone it came from
observer.ip ip addresses of the observing device
observer.mac keyword hardware addresses of the observing device
observer.name keyword name of the observing device
observer.os.name keyword operating system of the observing device
observer.os.version keyword version of that operating system
observer.product keyword product of the observing device
observer.serial_number keyword its serial number
observer.type keyword firewall, ids, proxy ...
observer.vendor keyword who made it
observer.version keyword its version
orchestrator.cluster.name keyword cluster of containers
orchestrator.namespace keyword namespace in that cluster
orchestrator.resource.name keyword what in the cluster was acted upon
orchestrator.resource.type keyword kind of what was acted upon
organization.id keyword unit it belongs to
organization.name keyword unit by name
package.name keyword installed package
package.version keyword version of the package
process.args keyword arguments
process.args_count long how many arguments
process.code_signature.exists boolean whether the program is signed
process.code_signature.status keyword what checking the signature said
process.code_signature.subject_name keyword who signed the program
process.code_signature.trusted boolean whether the signer is trusted
process.code_signature.valid boolean whether the signature holds
process.command_line keyword whole command line
process.end date when it ended
process.entity_id keyword unique id of the process
process.executable keyword path of the program
process.exit_code long code it ended with
process.hash.md5 keyword MD5 of the program
process.hash.sha1 keyword SHA-1 of the program
process.hash.sha256 keyword SHA-256 of the program
process.name keyword name of the program
process.parent.args keyword arguments of the parent
process.parent.command_line keyword command line of the parent
process.parent.entity_id keyword unique id of the parent
process.parent.executable keyword path of the parent
process.parent.hash.sha256 keyword SHA-256 of the parent's program
process.parent.name keyword name of the parent
process.parent.pid long number of the parent
process.parent.user.name keyword account the parent runs as
process.parent.working_directory keyword folder the parent runs in
process.pe.company keyword maker named in the program
process.pe.description keyword purpose named in the program
process.pe.file_version keyword version named in the program
process.pe.imphash keyword hash of what the program imports
process.pe.original_file_name keyword name the program was built under
process.pe.product keyword product named in the program
process.pid long number of the process
process.start date when it started
process.thread.id long number of the thread
process.thread.name keyword name of the thread
process.title keyword title of the process
process.tty.name keyword terminal
process.user.id keyword number of the account it runs as
process.user.name keyword account it runs as
process.working_directory keyword folder it runs in
registry.data.bytes keyword data written, in base64
registry.data.strings keyword data written
registry.data.type keyword kind of data written
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
rule.reference keyword where more about the device's rule can be read
rule.ruleset keyword set of the device's rule
rule.uuid keyword unique id of the device's rule
rule.version keyword version of the device's rule
server.address keyword server as written in the log
server.as.number long autonomous system of the server
server.as.organization.name keyword who runs that autonomous system
server.bytes long bytes the server sent
server.domain keyword name of the server
server.geo.country_iso_code keyword country of the server
server.ip ip address of the server
server.mac keyword hardware address of the server
server.nat.ip ip server after translation
server.nat.port long server port after translation
server.packets long packets the server sent
server.port long port of the server
server.registered_domain keyword registered domain of the server
service.address keyword where the service listens
service.id keyword number of the service
service.name keyword name of the service
service.state keyword state of the service
service.type keyword kind of the service
service.version keyword version of the service
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
source.registered_domain keyword registered domain of the origin
source.subdomain keyword part before the registered domain
source.top_level_domain keyword last part of the origin's name
source.user.domain keyword domain of the account on the origin's side
source.user.id keyword number of the account on the origin's side
source.user.name keyword account on the origin's side
tags keyword words attached by hand or by a parser
threat.enrichments.matched.atomic keyword value that matched an indicator
threat.enrichments.matched.field keyword field whose value matched an indicator
threat.feed.name keyword feed the indicator came from
threat.group.id keyword known group behind it
threat.group.name keyword known group behind it, by name
threat.indicator.confidence keyword how sure the indicator is
threat.indicator.description text what the indicator means
threat.indicator.email.address keyword mailbox of a matched indicator
threat.indicator.file.hash.md5 keyword MD5 of a matched indicator
threat.indicator.file.hash.sha256 keyword SHA-256 of a matched indicator
threat.indicator.first_seen date when the indicator was first seen
threat.indicator.ip ip address of a matched indicator
threat.indicator.last_seen date when the indicator was last seen
threat.indicator.marking.tlp keyword whom the indicator may be shown to
threat.indicator.name keyword name of a matched indicator
threat.indicator.provider keyword who says so
threat.indicator.reference keyword where more about the indicator can be read
threat.indicator.type keyword kind of a matched indicator
threat.indicator.url.domain keyword host in the URL of a matched indicator
threat.indicator.url.full keyword URL of a matched indicator
threat.software.id keyword known malware or tool
threat.software.name keyword known malware or tool by name
threat.tactic.id keyword ATT&CK tactic
threat.tactic.name keyword ATT&CK tactic by name
threat.technique.id keyword ATT&CK technique
threat.technique.name keyword ATT&CK technique by name
threat.technique.subtechnique.id keyword ATT&CK sub-technique
threat.technique.subtechnique.name keyword ATT&CK sub-technique by name
tls.cipher keyword cipher agreed
tls.client.hash.sha256 keyword SHA-256 of the client's certificate
tls.client.issuer keyword who issued the client's certificate
tls.client.ja3 keyword fingerprint of the client
tls.client.server_name keyword server name asked for
tls.client.subject keyword whom the client's certificate names
tls.established boolean whether the handshake succeeded
tls.resumed boolean whether an earlier session was taken up again
tls.server.hash.sha1 keyword SHA-1 of the server's certificate
tls.server.hash.sha256 keyword SHA-256 of the server's certificate
tls.server.issuer keyword who issued the certificate
tls.server.ja3s keyword fingerprint of the server
tls.server.not_after date until when the server's certificate holds
tls.server.not_before date from when the server's certificate holds
tls.server.subject keyword whom the certificate names
tls.version keyword protocol version agreed
tls.version_protocol keyword ssl or tls
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
url.subdomain keyword part before the registered domain
url.top_level_domain keyword last part of the URL's host
url.username keyword account in the URL
user.changes.domain keyword new domain of an account
user.changes.name keyword new name of an account
user.domain keyword domain of the account
user.effective.domain keyword domain of the account whose rights were used
user.effective.id keyword number of the account whose rights were used
user.effective.name keyword account whose rights were used
user.email keyword mailbox of the account
user.full_name keyword person's name
user.group.id keyword number of the account's group
user.group.name keyword group of the account
user.id keyword number of the account
user.name keyword account
user.roles keyword roles of the account
user.target.domain keyword domain of the account acted upon
user.target.full_name keyword name of the person acted upon
user.target.group.name keyword group of the account acted upon
user.target.id keyword number of the account acted upon
user.target.name keyword account acted upon
user_agent.name keyword browser or program
user_agent.original keyword user agent as sent
user_agent.os.name keyword operating system of the browser
user_agent.os.version keyword version of that operating system
user_agent.version keyword its version
vulnerability.category keyword kind of weakness
vulnerability.classification keyword scheme of the score
vulnerability.description text what the weakness is
vulnerability.id keyword CVE
vulnerability.reference keyword where more about the weakness can be read
vulnerability.scanner.vendor keyword whose scanner found the weakness
vulnerability.score.base double CVSS base score
vulnerability.severity keyword severity
winlog.activity_id keyword activity the Windows event belongs to
winlog.channel keyword Windows channel
winlog.computer_name keyword computer in the Windows event
winlog.event_data.AccessList keyword rights asked for, as codes
winlog.event_data.AccessMask keyword rights asked for, as a mask
winlog.event_data.Action keyword what was done
winlog.event_data.Application keyword program
winlog.event_data.ApplicationPath keyword path of the program
winlog.event_data.AttributeLDAPDisplayName keyword attribute of the directory that was changed
winlog.event_data.AttributeValue keyword value the attribute was given
winlog.event_data.AuthenticationPackageName keyword NTLM, Kerberos, Negotiate
winlog.event_data.CallTrace keyword modules on the stack of the caller
winlog.event_data.CallerProcessName keyword program that asked
winlog.event_data.CommandLine keyword whole command line
winlog.event_data.Company keyword maker named in the program
winlog.event_data.ContextInfo text state of PowerShell
winlog.event_data.CreationUtcTime keyword time a file says it was made
winlog.event_data.CurrentDirectory keyword folder the program runs in
winlog.event_data.Data text what the provider wrote without a name
winlog.event_data.Description keyword purpose named in the program
winlog.event_data.DestinationHostname keyword target by name
winlog.event_data.DestinationIp keyword address of the target
winlog.event_data.DestinationIsIpv6 keyword whether the target's address is IPv6
winlog.event_data.DestinationPort keyword port of the target
winlog.event_data.Details keyword data written to the registry
winlog.event_data.ErrorCode keyword code of the error
winlog.event_data.EventType keyword what was done to the registry or through WMI
winlog.event_data.FailureReason keyword why the log-on failed
winlog.event_data.FileName keyword file
winlog.event_data.FileVersion keyword version named in the program
winlog.event_data.GrantedAccess keyword rights granted to the other process
winlog.event_data.Hash keyword hash of the content
winlog.event_data.Hashes keyword hashes of the program
winlog.event_data.Image keyword path of the program
winlog.event_data.ImageLoaded keyword path of the library or driver
winlog.event_data.ImagePath keyword program of the service
winlog.event_data.Initiated keyword whether this side opened the connection
winlog.event_data.IntegrityLevel keyword Low, Medium, High, System
winlog.event_data.IpAddress keyword address the log-on came from
winlog.event_data.IpPort keyword port the log-on came from
winlog.event_data.LogonGuid keyword unique id of the log-on session
winlog.event_data.LogonId keyword log-on session
winlog.event_data.LogonProcessName keyword who handled the log-on
winlog.event_data.LogonType keyword kind of log-on by number
winlog.event_data.MemberName keyword account put into or taken out of a group
winlog.event_data.MemberSid keyword SID of that account
winlog.event_data.NewName keyword new name of a registry key
winlog.event_data.NewTargetUserName keyword new name of the account
winlog.event_data.NewValue keyword value after the change
winlog.event_data.ObjectClass keyword class of the directory's object
winlog.event_data.ObjectDN keyword distinguished name of the object
winlog.event_data.ObjectName keyword object asked for
winlog.event_data.ObjectServer keyword part of Windows that holds the object
winlog.event_data.ObjectType keyword kind of object
winlog.event_data.ObjectValueName keyword name of the registry value
winlog.event_data.OldTargetUserName keyword old name of the account
winlog.event_data.OldValue keyword value before the change
winlog.event_data.OriginalFileName keyword name the program was built under
winlog.event_data.ParentCommandLine keyword command line of the parent
winlog.event_data.ParentImage keyword path of the parent
winlog.event_data.ParentProcessGuid keyword unique id of the parent
winlog.event_data.ParentProcessId keyword number of the parent
winlog.event_data.ParentUser keyword account of the parent
winlog.event_data.Path keyword path
winlog.event_data.Payload text what the PowerShell pipeline ran
winlog.event_data.PipeName keyword named pipe
winlog.event_data.PrivilegeList keyword privileges given
winlog.event_data.ProcessGuid keyword unique id of the process
winlog.event_data.ProcessId keyword number of the process
winlog.event_data.ProcessName keyword program
winlog.event_data.Product keyword product named in the program
winlog.event_data.Properties keyword properties of the directory that were touched
winlog.event_data.Protocol keyword tcp or udp
winlog.event_data.QueryName keyword name asked for
winlog.event_data.QueryResults keyword answers of the look-up
winlog.event_data.QueryStatus keyword code of the answer
winlog.event_data.RelativeTargetName keyword file below the share
winlog.event_data.RemoteAddress keyword address of the other side
winlog.event_data.RemoteName keyword where a transfer goes
winlog.event_data.SamAccountName keyword account name in the directory
winlog.event_data.ScriptBlockId keyword unique id of the script block
winlog.event_data.ScriptBlockText text text of the script block
winlog.event_data.ServiceFileName keyword program of the service
winlog.event_data.ServiceName keyword service
winlog.event_data.ServiceType keyword kind of service
winlog.event_data.ShareLocalPath keyword folder that is shared
winlog.event_data.ShareName keyword share
winlog.event_data.Signature keyword who signed, or what was found
winlog.event_data.SignatureStatus keyword what checking the signature said
winlog.event_data.Signed keyword whether it is signed
winlog.event_data.SourceCommandLine keyword command line of the process that acts
winlog.event_data.SourceHostname keyword origin by name
winlog.event_data.SourceImage keyword path of the process that acts
winlog.event_data.SourceIp keyword address of the origin
winlog.event_data.SourcePort keyword port of the origin
winlog.event_data.SourceProcessId keyword number of the process that acts
winlog.event_data.StartAddress keyword where the new thread starts
winlog.event_data.StartFunction keyword function the new thread starts in
winlog.event_data.StartModule keyword library the new thread starts in
winlog.event_data.StartType keyword when the service starts
winlog.event_data.Status keyword result code
winlog.event_data.SubStatus keyword result code in detail
winlog.event_data.SubjectDomainName keyword domain of the account that acts
winlog.event_data.SubjectLogonId keyword session of the account that acts
winlog.event_data.SubjectUserName keyword account that acts
winlog.event_data.SubjectUserSid keyword SID of the account that acts
winlog.event_data.TargetDomainName keyword domain of the account acted upon
winlog.event_data.TargetFilename keyword file that was made or changed
winlog.event_data.TargetImage keyword path of the process acted upon
winlog.event_data.TargetLogonId keyword session of the account acted upon
winlog.event_data.TargetName keyword target of stored credentials
winlog.event_data.TargetObject keyword registry key or value
winlog.event_data.TargetProcessId keyword number of the process acted upon
winlog.event_data.TargetServerName keyword server whose account was used
winlog.event_data.TargetSid keyword SID of the account or group acted upon
winlog.event_data.TargetUserName keyword account acted upon
winlog.event_data.TargetUserSid keyword SID of the account acted upon
winlog.event_data.TaskContent text definition of a scheduled task
winlog.event_data.TaskName keyword scheduled task
winlog.event_data.TicketEncryptionType keyword cipher of the Kerberos ticket
winlog.event_data.TicketOptions keyword options of the Kerberos ticket
winlog.event_data.User keyword account the program runs as
winlog.event_data.Workstation keyword computer the log-on was checked for
winlog.event_data.WorkstationName keyword computer the log-on came from
winlog.event_data.param1 keyword first value without a name
winlog.event_data.param2 keyword second value without a name
winlog.event_id keyword number of the Windows event
winlog.keywords keyword keywords of the Windows event
winlog.logon.id keyword log-on session
winlog.logon.type keyword kind of log-on
winlog.opcode keyword opcode of the Windows event
winlog.process.pid long process that wrote the Windows event
winlog.process.thread.id long thread that wrote the Windows event
winlog.provider_guid keyword unique id of the provider
winlog.provider_name keyword provider of the Windows event
winlog.record_id keyword number of the record in its channel
winlog.task keyword task of the Windows event
winlog.user.identifier keyword SID of the account that the Windows event was written under
winlog.user.name keyword account that the Windows event was written under
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
        "Sinh từ / made from `core/fields.py`: `python -m core.fields > docs/fields.md`. Tên theo ECS 9; trường khác\n"
        "được giữ và tìm được bằng so khớp bằng, tiền tố, tồn tại. / ECS 9 names; any other field is kept and answers\n"
        "equality, prefix, exists.\n\n"
        "| trường / field | kiểu / type | chứa gì / holds |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


if __name__ == "__main__":
    print(field_reference(), end="")
