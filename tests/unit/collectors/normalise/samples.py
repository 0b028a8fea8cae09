# ruff: noqa: E501  (a line is a line)
"""Lines as the programs and devices write them, with what is expected of each: (name, format, line, fields).

A value of None expects the field to be absent. Written after real output with documentation addresses; those marked
`hub` are from CrowdSec's hub (MIT, https://github.com/crowdsecurity/hub).
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from collectors.normalise import normalise_record
from core.event import Event, Rejected
from core.record import Position, Record

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
RECEIVED = datetime(2026, 11, 24, 2, 12, 5, tzinfo=UTC)
LOG = "Nov 24 09:12:01 web-01 "
FAILED = {"event.category": ["authentication"], "event.type": ["start"], "event.outcome": "failure"}
ATTACKER = {"source.ip": "203.0.113.9", "related.ip": ["203.0.113.9"]}

Row = tuple[str, str, str, dict[str, object]]


def read(line: str | bytes, format: str = "auto", received: datetime = RECEIVED, **more) -> Event | Rejected:
    raw = line.encode() if isinstance(line, str) else line
    record = Record(raw=raw, source="test", received_at=received, unit="province", format=format, **more)
    return normalise_record(Position("test.0", 1), record, ZONE)


SSHD: list[Row] = [
    (
        "failed password",
        "auto",
        "<38>Nov 24 09:12:01 web-01 sshd[812]: Failed password for root from 203.0.113.9 port 50112 ssh2",
        {
            **FAILED,
            **ATTACKER,
            "event.action": "ssh_login",
            "event.reason": "bad_credentials",
            "event.dataset": "linux.sshd",
            "event.kind": "event",
            "user.name": "root",
            "related.user": ["root"],
            "source.address": "203.0.113.9",
            "source.port": 50112,
            "labels.ssh_method": "password",
            "host.name": "web-01",
            "related.hosts": ["web-01"],
            "process.name": "sshd",
            "process.pid": 812,
            "log.syslog.priority": 38,
            "log.syslog.facility.name": "auth",
            "log.syslog.severity.name": "informational",
            "message": "Failed password for root from 203.0.113.9 port 50112 ssh2",
        },
    ),
    (
        "failed password, its carriage return escaped by rsyslog",
        "auto",
        "<38>Nov 24 09:12:01 web-01 sshd[812]: Failed password for root from 203.0.113.9 port 50112 ssh2#015",
        {
            **FAILED,
            **ATTACKER,
            "event.action": "ssh_login",
            "event.reason": "bad_credentials",
            "event.dataset": "linux.sshd",
            "event.kind": "event",
            "user.name": "root",
            "related.user": ["root"],
            "source.address": "203.0.113.9",
            "source.port": 50112,
            "labels.ssh_method": "password",
            "host.name": "web-01",
            "related.hosts": ["web-01"],
            "process.name": "sshd",
            "process.pid": 812,
            "log.syslog.priority": 38,
            "log.syslog.facility.name": "auth",
            "log.syslog.severity.name": "informational",
            "message": "Failed password for root from 203.0.113.9 port 50112 ssh2#015",
        },
    ),
    (
        "invalid user",
        "auto",
        LOG + "sshd[1]: Failed password for invalid user admin from 203.0.113.9 port 50112 ssh2",
        {**FAILED, **ATTACKER, "event.reason": "invalid_user", "user.name": "admin"},
    ),
    (
        "no method, empty user",
        "auto",
        LOG + "sshd[1]: Failed none for invalid user  from 203.0.113.9 port 50112 ssh2",
        {**FAILED, **ATTACKER, "user.name": None, "labels.ssh_method": "none"},
    ),
    (
        "accepted key",
        "auto",
        LOG + "sshd[1]: Accepted publickey for an from 10.1.2.3 port 50114 ssh2: ED25519 SHA256:0JdVabc",
        {
            "event.outcome": "success",
            "user.name": "an",
            "source.ip": "10.1.2.3",
            "source.port": 50114,
            "labels.ssh_key": "ED25519 SHA256:0JdVabc",
            "labels.ssh_method": "publickey",
        },
    ),
    (
        "accepted over IPv6",
        "auto",
        LOG + "sshd-session[1]: Accepted password for an from 2001:db8::9 port 50114 ssh2",
        {"event.outcome": "success", "source.ip": "2001:db8::9"},
    ),
    (
        "address mapped into IPv6",
        "auto",
        LOG + "sshd[1]: Failed password for an from ::ffff:203.0.113.9 port 50114 ssh2",
        {**FAILED, **ATTACKER, "source.address": "::ffff:203.0.113.9"},
    ),
    (
        "a name instead of an address",
        "auto",
        LOG + "sshd[1]: Failed password for an from scanner.example port 50114 ssh2",
        {"source.domain": "scanner.example", "source.ip": None, "related.hosts": ["web-01", "scanner.example"]},
    ),
    (
        "postponed",
        "auto",
        LOG + "sshd[1]: Postponed publickey for an from 10.1.2.3 port 44690 ssh2 [preauth]",
        {"event.action": "ssh_postponed", "event.outcome": None, "user.name": "an", "source.ip": "10.1.2.3"},
    ),
    (
        "unknown account",
        "auto",
        LOG + "sshd[1]: Invalid user oracle from 203.0.113.9 port 50112",
        {**ATTACKER, "event.action": "ssh_invalid_user", "user.name": "oracle", "source.port": 50112},
    ),
    (
        "unknown account, old form",
        "auto",
        LOG + "sshd[1]: Invalid user oracle from 203.0.113.9",
        {**ATTACKER, "event.action": "ssh_invalid_user", "user.name": "oracle", "source.port": None},
    ),
    (
        "closed by a user",
        "auto",
        LOG + "sshd[1]: Connection closed by authenticating user root 203.0.113.9 port 50112 [preauth]",
        {
            **ATTACKER,
            "event.action": "ssh_disconnect",
            "event.reason": "closed",
            "user.name": "root",
            "labels.ssh_phase": "preauth",
        },
    ),
    (
        "reset",
        "auto",
        LOG + "sshd[1]: Connection reset by 203.0.113.9 port 45611 [preauth]",
        {**ATTACKER, "event.reason": "reset", "user.name": None},
    ),
    (
        "closed, old form",
        "auto",
        LOG + "sshd[1]: Connection closed by 203.0.113.9 [preauth]",
        {**ATTACKER, "source.port": None},
    ),
    (
        "disconnected",
        "auto",
        LOG + "sshd[1]: Disconnected from user an 10.1.2.3 port 33480",
        {"event.reason": "disconnected", "user.name": "an", "source.ip": "10.1.2.3", "labels.ssh_phase": None},
    ),
    (
        "disconnecting",
        "auto",
        LOG
        + "sshd[1]: Disconnecting authenticating user root 203.0.113.9 port 50112: Too many authentication failures [preauth]",
        {**ATTACKER, "event.reason": "Too many authentication failures", "user.name": "root"},
    ),
    (
        "received disconnect",
        "auto",
        LOG
        + "sshd[1]: Received disconnect from 203.0.113.9 port 36958:11: Normal Shutdown, Thank you for playing [preauth]",
        {**ATTACKER, "event.code": "11", "event.reason": "Normal Shutdown, Thank you for playing"},
    ),
    (
        "received disconnect without text",
        "auto",
        LOG + "sshd[1]: Received disconnect from 203.0.113.9 port 16899:11:  [preauth]",
        {**ATTACKER, "event.code": "11", "event.reason": None},
    ),
    (
        "too many attempts",
        "auto",
        LOG
        + "sshd[1]: error: maximum authentication attempts exceeded for invalid user admin from 203.0.113.9 port 5 ssh2 [preauth]",
        {**FAILED, **ATTACKER, "event.action": "ssh_max_attempts", "user.name": "admin"},
    ),
    (
        "keyboard-interactive through PAM",
        "auto",
        LOG + "sshd[1]: error: PAM: Authentication failure for illegal user admin from 203.0.113.9",
        {
            **FAILED,
            **ATTACKER,
            "event.action": "ssh_pam",
            "user.name": "admin",
            "event.reason": "Authentication failure",
        },
    ),
    (
        "more failures",
        "auto",
        LOG
        + "sshd[1]: PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root",
        {**FAILED, **ATTACKER, "labels.repeated": "2", "user.name": "root"},
    ),
    (
        "root refused",
        "auto",
        LOG + "sshd[1]: ROOT LOGIN REFUSED FROM 203.0.113.9 port 50112",
        {**FAILED, **ATTACKER, "user.name": "root"},
    ),
    (
        "not allowed",
        "auto",
        LOG + "sshd[1]: User an from 203.0.113.9 not allowed because not listed in AllowUsers",
        {**FAILED, **ATTACKER, "event.reason": "not listed in AllowUsers", "user.name": "an"},
    ),
    (
        "no common cipher",
        "auto",
        LOG
        + "sshd[1]: Unable to negotiate with 203.0.113.9 port 27824: no matching cipher found. Their offer: aes128-cbc [preauth]",
        {**ATTACKER, "event.action": "ssh_handshake", "event.reason": "no matching cipher found"},
    ),
    (
        "no identification",
        "auto",
        LOG + "sshd[1]: Did not receive identification string from 203.0.113.9 port 407",
        {**ATTACKER, "event.action": "ssh_handshake", "event.type": ["connection", "denied"]},
    ),
    (
        "bad version",
        "auto",
        LOG + r"sshd[1]: Bad protocol version identification '\003' from 203.0.113.9 port 407",
        {**ATTACKER, "source.port": 407},
    ),
    (
        "banner exchange",
        "auto",
        LOG + "sshd[1]: banner exchange: Connection from 203.0.113.9 port 407: invalid format",
        {**ATTACKER, "source.port": 407},
    ),
    (
        "what the other side sent is no address",
        "auto",
        LOG
        + 'sshd[1]: error: kex_exchange_identification: client sent invalid protocol identifier "GET / from 10.0.0.1 port 1"',
        {"event.action": "ssh_handshake", "source.ip": None},
    ),
    (
        "too late",
        "auto",
        LOG + "sshd[1]: fatal: Timeout before authentication for 203.0.113.9 port 407",
        {**ATTACKER, "event.reason": "timeout"},
    ),
    (
        "too late, new form",
        "auto",
        LOG + "sshd[1]: Timeout before authentication for connection from 203.0.113.9 to 10.0.0.1, pid = 812",
        {**ATTACKER, "event.reason": "timeout"},
    ),
    (
        "dropped",
        "auto",
        LOG + "sshd[1]: drop connection #10 from [203.0.113.9]:407 on [10.0.0.1]:22 past MaxStartups",
        {**ATTACKER, "event.action": "ssh_dropped", "destination.port": 22, "event.reason": "past MaxStartups"},
    ),
    (
        "reverse mapping",
        "auto",
        LOG
        + "sshd[1]: reverse mapping checking getaddrinfo for host.example [203.0.113.9] failed - POSSIBLE BREAK-IN ATTEMPT!",
        {**ATTACKER, "source.domain": "host.example", "related.hosts": ["web-01", "host.example"]},
    ),
    (
        "listening",
        "auto",
        LOG + "sshd[1]: Server listening on 0.0.0.0 port 22.",
        {"event.action": "ssh_listening", "server.port": 22},
    ),
    (
        "connection",
        "auto",
        LOG + 'sshd[1]: Connection from 203.0.113.9 port 50112 on 10.0.0.1 port 22 rdomain ""',
        {**ATTACKER, "event.action": "ssh_connection", "destination.port": 22},
    ),
    (
        "unknown line of sshd",
        "auto",
        LOG + "sshd[1]: Corrupted MAC on input.",
        {"event.dataset": "linux.sshd", "event.category": None, "message": "Corrupted MAC on input."},
    ),
    (
        "folded by rsyslog",
        "auto",
        LOG + "sshd[1]: message repeated 3 times: [ Failed password for root from 203.0.113.9 port 50112 ssh2]",
        {**FAILED, **ATTACKER, "labels.repeated": "3", "event.action": "ssh_login"},
    ),
    (
        "more failures, folded by rsyslog",
        "auto",
        LOG + "sshd[1]: message repeated 3 times: [ PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh"
        " ruser= rhost=203.0.113.9  user=root]",
        {**FAILED, **ATTACKER, "labels.repeated": "6", "user.name": "root"},
    ),
    (
        "folded, within the journal",
        "auto",
        '{"SYSLOG_IDENTIFIER":"sshd","MESSAGE":"message repeated 3 times: [ Failed password for root from 203.0.113.9'
        ' port 50112 ssh2]"}',
        {**FAILED, **ATTACKER, "labels.repeated": "3", "event.action": "ssh_login"},
    ),
    (
        "folded, of a program nobody knows",
        "auto",
        LOG + "vsftpd: message repeated 3 times: [ pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0"
        " tty=ftp ruser=an rhost=203.0.113.9  user=an]",
        {**FAILED, **ATTACKER, "labels.repeated": "3", "user.name": "an"},
    ),
    (
        "folded, declared as PAM",
        "pam",
        LOG + "vsftpd: message repeated 4 times: [ pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0"
        " tty=ftp ruser=an rhost=203.0.113.9  user=an]",
        {**FAILED, **ATTACKER, "labels.repeated": "4", "user.name": "an"},
    ),
    (
        "folded, declared as a web server",
        "nginx_access",
        LOG + 'nginx: message repeated 5 times: [ 203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET /a HTTP/1.1" 404 5'
        ' "-" "-"]',
        {**ATTACKER, "labels.repeated": "5", "url.path": "/a", "event.dataset": "nginx.access"},
    ),
    (
        "a number of times that is none",
        "auto",
        LOG + "sshd[1]: message repeated 0 times: [ Failed password for root from 203.0.113.9 port 50112 ssh2]",
        {"labels.repeated": None, "event.outcome": None},
    ),
    (
        "the message alone, with the blank syslog leaves",
        "sshd",
        " Failed password for root from 203.0.113.9 port 50112 ssh2",
        {**FAILED, **ATTACKER, "process.name": "sshd", "host.name": None},
    ),
    (
        "host name twice (hub)",
        "auto",
        "Jun 27 09:02:22 Dream-Machine-Pro Dream-Machine-Pro sshd[454008]: Failed keyboard-interactive/pam for invalid user"
        " asdasf from 192.168.1.2 port 5454 ssh2",
        {**FAILED, "source.ip": "192.168.1.2", "host.name": "Dream-Machine-Pro", "process.pid": 454008},
    ),
]

HOSTILE_NAMES: list[Row] = [
    (
        "a name in Vietnamese",
        "auto",
        LOG
        + r"sshd[1]: Failed password for invalid user nguy\341\273\205n v\304\203n from 203.0.113.9 port 50112 ssh2",
        {**ATTACKER, "user.name": "nguyễn văn", "related.user": ["nguyễn văn"]},
    ),
    (
        "a name in Vietnamese, unknown",
        "auto",
        LOG + r"sshd[1]: Invalid user nguye\314\202\314\203n from 203.0.113.9 port 50112",
        {**ATTACKER, "user.name": "nguye\u0302\u0303n"},
    ),
    (
        "a name in Vietnamese, escaped by child and monitor",
        "auto",
        LOG + r"sshd[1]: Connection closed by invalid user nguy\\341\\273\\205n 203.0.113.9 port 50112 [preauth]",
        {**ATTACKER, "user.name": "nguyễn"},
    ),
    (
        "an account of a domain",
        "auto",
        LOG + r"sshd[1]: Invalid user CORP\\an from 203.0.113.9 port 50112",
        {**ATTACKER, "user.name": r"CORP\an"},
    ),
    (
        "an account of a domain, escaped by child and monitor",
        "auto",
        LOG + r"sshd[1]: Disconnected from invalid user CORP\\\\an 203.0.113.9 port 50112 [preauth]",
        {**ATTACKER, "user.name": r"CORP\an"},
    ),
    (
        "an escape that was typed",
        "auto",
        LOG + r"sshd[1]: Failed password for invalid user \\341\\273\\205 from 203.0.113.9 port 50112 ssh2",
        {**ATTACKER, "user.name": r"\341\273\205"},
    ),
    (
        "bytes that are no text",
        "auto",
        LOG + r"sshd[1]: Invalid user \377\376admin from 203.0.113.9 port 50112",
        {**ATTACKER, "user.name": r"\377\376admin"},
    ),
    (
        "a name turned round, and one that clears the screen",
        "auto",
        LOG + r"sshd[1]: Invalid user \033[2Jabc\342\200\256nimda\302\233 from 203.0.113.9 port 50112",
        {**ATTACKER, "user.name": r"\033[2Jabc\342\200\256nimda\302\233"},
    ),
    (
        "an address in the name",
        "auto",
        LOG + "sshd[1]: Failed password for invalid user x from 10.0.0.1 port 1 from 203.0.113.9 port 50112 ssh2",
        {**ATTACKER, "user.name": "x from 10.0.0.1 port 1"},
    ),
    (
        "a whole ending in the name",
        "auto",
        LOG
        + "sshd[1]: Failed password for invalid user x from 10.0.0.1 port 1 ssh2: y from 203.0.113.9 port 50112 ssh2",
        {**ATTACKER, "source.port": 50112},
    ),
    (
        "a key in the name",
        "auto",
        LOG + "sshd[1]: Failed publickey for invalid user x from 10.0.0.1 port 1 ssh2: RSA SHA256:a"
        " from 203.0.113.9 port 50112 ssh2: RSA SHA256:b",
        {**ATTACKER, "source.port": 50112},
    ),
    (
        "an address in a certificate of a known account",
        "auto",
        LOG + "sshd[1]: Failed publickey for root from 203.0.113.9 port 50112 ssh2: RSA-CERT SHA256:a"
        " ID x from 10.0.0.1 port 1 ssh2: y (serial 0) CA RSA SHA256:b",
        {**ATTACKER, "user.name": "root"},
    ),
    (
        "an address in a certificate of an unknown account",
        "auto",
        LOG + "sshd[1]: Failed publickey for invalid user oracle from 203.0.113.9 port 50112 ssh2: RSA-CERT"
        " SHA256:jYjjGOzVJXZ4zqXuVBLDgGnrQtH1pKl7Vq4bVdpR2Tc ID y from 10.0.0.1 port 1 ssh2: z"
        " (serial 0) CA RSA SHA256:b",
        {**ATTACKER, "user.name": "oracle"},
    ),
    (
        "escape sequences, as sshd writes them",
        "auto",
        LOG + r"sshd[1]: Failed password for invalid user \033[31mroot\033[0m from 203.0.113.9 port 50112 ssh2",
        {**ATTACKER, "user.name": r"\033[31mroot\033[0m"},
    ),
    (
        "escape sequences raw",
        "auto",
        LOG + "sshd[1]: Failed password for invalid user \x1b[31m\"'root\x1b[0m from 203.0.113.9 port 50112 ssh2",
        {**ATTACKER, "user.name": "\x1b[31m\"'root\x1b[0m"},
    ),
    (
        "invalid user with an address",
        "auto",
        LOG + "sshd[1]: Invalid user x from 10.0.0.1 port 1 from 203.0.113.9 port 50112",
        {**ATTACKER},
    ),
    (
        "closed with an address",
        "auto",
        LOG + "sshd[1]: Connection closed by invalid user x 10.0.0.1 port 1 203.0.113.9 port 50112 [preauth]",
        {**ATTACKER, "user.name": "x 10.0.0.1 port 1"},
    ),
    (
        "name changed on the way",
        "auto",
        LOG + "sshd[1]: Disconnecting invalid user a 203.0.113.9 port 50112: Change of username or service not allowed:"
        " (a,ssh-connection) -> (b 10.0.0.1 port 1: c,ssh-connection) [preauth]",
        {**ATTACKER, "user.name": "a", "event.reason": "Change of username or service not allowed"},
    ),
    (
        "attempts with an address",
        "auto",
        LOG
        + "sshd[1]: error: maximum authentication attempts exceeded for invalid user x from 10.0.0.1 port 1 ssh2 [preauth]"
        " from 203.0.113.9 port 5 ssh2 [preauth]",
        {**ATTACKER},
    ),
    (
        "version with an address",
        "auto",
        LOG + "sshd[1]: Bad protocol version identification 'x' from 10.0.0.1 port 1' from 203.0.113.9 port 407",
        {**ATTACKER},
    ),
    (
        "PAM failure with an address",
        "auto",
        LOG
        + "sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9"
        "  user=x ruser= rhost=10.0.0.1 user=y",
        {**ATTACKER},
    ),
    (
        "more failures with an address",
        "auto",
        LOG
        + "sshd[1]: PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=x rhost=10.0.0.1",
        {**ATTACKER},
    ),
    (
        "web user with an address",
        "auto",
        '203.0.113.9 - x 10.0.0.1 - - [24/Nov/2026:09:12:01 +0700] "GET / HTTP/1.1" 401 5 "-" "-"',
        {**ATTACKER, "user.name": "x 10.0.0.1 - -"},
    ),
    (
        "web user that is an address",
        "auto",
        '203.0.113.9 - 10.0.0.1 [24/Nov/2026:09:12:01 +0700] "GET / HTTP/1.1" 401 5 "-" "-"',
        {**ATTACKER, "user.name": "10.0.0.1"},
    ),
    (
        "FortiGate name with a key in it",
        "auto",
        'date=2026-11-24 time=09:12:01 devname="F" devid="FG1" logid="0101039426" type="event" subtype="vpn"'
        ' user="x\\" remip=10.0.0.1 y=\\"" remip=203.0.113.9 action="ssl-login-fail"',
        {**ATTACKER, "user.name": 'x" remip=10.0.0.1 y="'},
    ),
]

LINUX: list[Row] = [
    (
        "sudo",
        "auto",
        LOG + "sudo:   an : TTY=pts/0 ; PWD=/home/an ; USER=root ; COMMAND=/usr/bin/apt update",
        {
            "event.action": "sudo_command",
            "event.outcome": "success",
            "event.category": ["process"],
            "user.name": "an",
            "user.effective.name": "root",
            "related.user": ["an", "root"],
            "process.command_line": "/usr/bin/apt update",
            "process.executable": "/usr/bin/apt",
            "process.working_directory": "/home/an",
            "process.tty.name": "pts/0",
        },
    ),
    (
        "sudo not allowed",
        "auto",
        LOG + "sudo: khach : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id",
        {**FAILED, "event.action": "sudo_denied", "event.reason": "user NOT in sudoers", "user.name": "khach"},
    ),
    (
        "sudo wrong passwords",
        "auto",
        LOG + "sudo: an : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id",
        {**FAILED, "event.reason": "3 incorrect password attempts"},
    ),
    (
        "sudo without terminal",
        "auto",
        LOG + "sudo: zabbix : PWD=/ ; USER=root ; COMMAND=/usr/bin/nmap -O 10.0.0.1",
        {"event.outcome": "success", "process.tty.name": None, "process.command_line": "/usr/bin/nmap -O 10.0.0.1"},
    ),
    (
        "sudo with group and environment",
        "auto",
        LOG + "sudo: an : TTY=pts/0 ; PWD=/ ; USER=root ; GROUP=adm ; TSID=00001A ; ENV=A=1 B=2 ; COMMAND=/bin/ls ; id",
        {"process.command_line": "/bin/ls ; id", "user.effective.name": "root"},
    ),
    (
        "su",
        "auto",
        LOG + "su: (to root) an on pts/0",
        {"event.action": "su", "event.outcome": "success", "related.user": ["an", "root"]},
    ),
    ("su refused", "auto", LOG + "su: FAILED SU (to root) an on pts/0", {**FAILED, "user.name": "an"}),
    (
        "su of shadow",
        "auto",
        LOG + "su[7]: FAILED su for root by an",
        {**FAILED, "user.name": "an", "user.effective.name": "root"},
    ),
    (
        "su of shadow, terminal",
        "auto",
        LOG + "su[7]: + pts/0 an:root",
        {"event.outcome": "success", "user.name": "an", "process.tty.name": "pts/0"},
    ),
    (
        "PAM failure",
        "auto",
        LOG
        + "sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root",
        {**FAILED, **ATTACKER, "event.provider": "pam_unix", "service.name": "sshd", "user.name": "root"},
    ),
    (
        "PAM failure at the console",
        "auto",
        LOG
        + "login[1]: pam_unix(login:auth): authentication failure; logname=LOGIN uid=0 euid=0 tty=/dev/tty1 ruser= rhost=  user=an",
        {**FAILED, "user.name": "an", "source.address": None},
    ),
    (
        "PAM failure of a remote account",
        "auto",
        LOG
        + "vsftpd[1]: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=khach rhost=203.0.113.9",
        {**FAILED, **ATTACKER, "source.user.name": "khach", "user.name": None, "related.user": ["khach"]},
    ),
    (
        "PAM session",
        "auto",
        LOG + "sudo: pam_unix(sudo:session): session opened for user root(uid=0) by an(uid=1000)",
        {
            "event.action": "session_opened",
            "event.category": ["session"],
            "user.name": "an",
            "user.effective.name": "root",
            "related.user": ["an", "root"],
        },
    ),
    (
        "PAM session of oneself",
        "auto",
        LOG + "sshd[1]: pam_unix(sshd:session): session opened for user an(uid=1000) by (uid=0)",
        {"user.name": "an", "user.id": "1000", "user.effective.name": None},
    ),
    (
        "PAM session closed",
        "auto",
        LOG + "CRON[1]: pam_unix(cron:session): session closed for user root",
        {"event.action": "session_closed", "event.type": ["end"], "user.name": "root", "event.dataset": "linux.pam"},
    ),
    (
        "PAM user unknown",
        "auto",
        LOG + "sshd[1]: pam_unix(sshd:auth): check pass; user unknown",
        {"event.action": "user_unknown", "event.outcome": None},
    ),
    (
        "PAM locked",
        "auto",
        LOG + "sshd[1]: pam_faillock(sshd:auth): Consecutive login failures for user an account temporarily locked",
        {"event.action": "account_locked", "user.name": "an"},
    ),
    (
        "password changed",
        "auto",
        LOG + "passwd[1]: pam_unix(passwd:chauthtok): password changed for an",
        {"event.action": "password_changed", "event.category": ["iam"], "user.name": "an"},
    ),
    (
        "new user",
        "auto",
        LOG
        + "useradd[1]: new user: name=khach, UID=1001, GID=1001, home=/home/khach, shell=/bin/bash, from=/dev/pts/1",
        {
            "event.action": "user_created",
            "event.type": ["user", "creation"],
            "user.target.name": "khach",
            "user.target.id": "1001",
            "labels.shell": "/bin/bash",
            "related.user": ["khach"],
        },
    ),
    (
        "new user without a shell",
        "auto",
        LOG + "useradd[1]: new user: name=khach, UID=1001, GID=1001, home=/home/khach, shell=, from=none",
        {"labels.shell": None},
    ),
    (
        "new group",
        "auto",
        LOG + "groupadd[1]: new group: name=nhom, GID=1002",
        {"group.name": "nhom", "group.id": "1002"},
    ),
    (
        "into a group",
        "auto",
        LOG + "usermod[1]: add 'khach' to group 'sudo'",
        {"event.action": "user_added_to_group", "group.name": "sudo", "user.target.name": "khach"},
    ),
    (
        "into a group by gpasswd",
        "auto",
        LOG + "gpasswd[1]: user khach added by root to group sudo",
        {"user.name": "root", "user.target.name": "khach", "related.user": ["khach", "root"]},
    ),
    (
        "out of a group",
        "auto",
        LOG + "gpasswd[1]: user khach removed by root from group sudo",
        {"event.action": "user_removed_from_group", "group.name": "sudo"},
    ),
    ("user deleted", "auto", LOG + "userdel[1]: delete user 'khach'", {"event.type": ["user", "deletion"]}),
    (
        "group deleted",
        "auto",
        LOG + "groupdel[1]: group 'nhom' removed",
        {"event.action": "group_deleted", "group.name": "nhom"},
    ),
    (
        "user changed",
        "auto",
        LOG + "usermod[1]: change user 'khach' shell from '/bin/sh' to '/bin/bash'",
        {"event.action": "user_changed", "event.reason": "shell from '/bin/sh' to '/bin/bash'"},
    ),
    (
        "user not added",
        "auto",
        LOG + "useradd[1]: failed adding user 'khach', exit code: 9",
        {"event.outcome": "failure", "user.target.name": "khach", "event.reason": "exit code: 9"},
    ),
]

WEB: list[Row] = [
    (
        "nginx combined",
        "auto",
        '203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET /dich-vu?id=1%27 HTTP/1.1" 404 153 "-" "sqlmap/1.8"',
        {
            **ATTACKER,
            "event.dataset": "nginx.access",
            "event.category": ["web"],
            "event.type": ["access"],
            "event.outcome": "failure",
            "http.request.method": "GET",
            "http.response.status_code": 404,
            "http.response.body.bytes": 153,
            "http.version": "1.1",
            "url.original": "/dich-vu?id=1%27",
            "url.path": "/dich-vu",
            "url.query": "id=1%27",
            "user_agent.original": "sqlmap/1.8",
            "http.request.referrer": None,
            "message": "GET /dich-vu?id=1%27 HTTP/1.1",
        },
    ),
    (
        "apache with virtual host and user",
        "auto",
        'portal.example:443 203.0.113.9 - an [24/Nov/2026:09:12:01 +0700] "POST /login HTTP/1.1" 200'
        ' 512 "https://portal.example/" "Mozilla/5.0"',
        {
            **ATTACKER,
            "event.dataset": "apache.access",
            "event.outcome": "success",
            "url.domain": "portal.example",
            "url.port": 443,
            "user.name": "an",
            "http.request.referrer": "https://portal.example/",
            "related.hosts": ["portal.example"],
        },
    ),
    (
        "apache common",
        "apache_access",
        '203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET / HTTP/1.0" 304 -',
        {**ATTACKER, "event.dataset": "apache.access", "http.response.body.bytes": None, "user_agent.original": None},
    ),
    (
        "a proxy asked for",
        "auto",
        'portal.example:443 203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET http://Example.ORG:8080/a/b?q=http://c/ HTTP/1.1"'
        ' 404 153 "-" "-"',
        {
            **ATTACKER,
            "url.original": "http://Example.ORG:8080/a/b?q=http://c/",
            "url.scheme": "http",
            "url.domain": "example.org",
            "url.port": 8080,
            "url.path": "/a/b",
            "url.query": "q=http://c/",
            "destination.domain": "portal.example",
            "destination.port": 443,
            "related.hosts": ["portal.example", "example.org"],
        },
    ),
    (
        "a proxy asked for by address and account",
        "auto",
        '203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET HTTPS://an:bi-mat@[2001:db8::1]?q HTTP/1.1" 404 153 "-" "-"',
        {
            "url.scheme": "https",
            "url.domain": "[2001:db8::1]",
            "url.port": None,
            "url.username": "an",
            "url.path": None,
            "url.query": "q",
            "related.ip": ["203.0.113.9", "2001:db8::1"],
        },
    ),
    (
        "a proxy asked for, without its port",
        "auto",
        'portal.example:443 203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET http://example.org/ HTTP/1.1" 404 153 "-" "-"',
        {"url.domain": "example.org", "url.port": None, "url.path": "/"},
    ),
    (
        "a tunnel asked for",
        "auto",
        '203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "CONNECT example.org:443 HTTP/1.1" 400 157 "-" "-"',
        {
            "http.request.method": "CONNECT",
            "url.scheme": None,
            "url.domain": "example.org",
            "url.port": 443,
            "url.path": None,
        },
    ),
    (
        "a host that is none hides nothing",
        "auto",
        '203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET http://a:999999/x?id=1%27 HTTP/1.1" 400 157 "-" "-"',
        {"url.domain": None, "url.port": None, "url.path": "/x", "url.query": "id=1%27"},
    ),
    (
        "a tunnel to nowhere",
        "auto",
        '203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "CONNECT ../../etc/passwd HTTP/1.1" 400 157 "-" "-"',
        {"url.domain": None, "url.path": "../../etc/passwd"},
    ),
    (
        "the whole server",
        "auto",
        '203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "OPTIONS * HTTP/1.1" 400 157 "-" "-"',
        {"url.domain": None, "url.path": "*"},
    ),
    (
        "handshake at the plain port",
        "nginx_access",
        r'203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "\x16\x03\x01" 400 150 "-" "-"',
        {**ATTACKER, "http.request.method": None, "url.original": r"\x16\x03\x01"},
    ),
    (
        "no request at all",
        "nginx_access",
        '203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "-" 408 0 "-" "-"',
        {**ATTACKER, "url.original": None, "http.response.status_code": 408, "http.response.body.bytes": 0},
    ),
    (
        "escaped quotes of apache",
        "apache_access",
        r'203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET /?q=\"x\" HTTP/1.1" 200 5 "-" "a \"b\" c"',
        {"url.query": r"q=\"x\"", "user_agent.original": r"a \"b\" c"},
    ),
    (
        "through syslog",
        "auto",
        '<190>Nov 24 09:12:01 web-01 nginx: 203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET /'
        ' HTTP/2.0" 200 5 "-" "curl/8"',
        {**ATTACKER, "host.name": "web-01", "event.dataset": "nginx.access", "http.version": "2.0"},
    ),
    (
        "a client by name",
        "nginx_access",
        'may.example - - [24/Nov/2026:09:12:01 +0700] "GET / HTTP/1.1" 200 5 "-" "-"',
        {"source.domain": "may.example", "source.ip": None, "related.hosts": ["may.example"]},
    ),
    (
        "a file that is not there (hub)",
        "nginx_access",
        '172.19.0.1 - - [15/Feb/2020:10:36:45 +0000] "GET /foo/bar.php?x=1 HTTP/1.1" 404 1114 "-" "curl/7.58.0" "-"',
        {"source.ip": "172.19.0.1", "url.path": "/foo/bar.php", "http.response.status_code": 404},
    ),
]

FORTIGATE_TRAFFIC = (
    'date=2026-11-24 time=09:12:01 devname="FG-TINH" devid="FG100F0000000001" eventtime=1795486321123456789 tz="+0700"'
    ' logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.1.1.5 srcport=51000'
    ' srcintf="lan" srcintfrole="lan" dstip=203.0.113.9 dstport=443 dstintf="wan1" dstintfrole="wan" srccountry="Reserved"'
    ' dstcountry="Viet Nam" sessionid=901 proto=6 action="close" policyid=7 policytype="policy" service="HTTPS"'
    ' trandisp="snat" transip=192.0.2.1 transport=40001 duration=12 sentbyte=1200 rcvdbyte=5400 sentpkt=9 rcvdpkt=8'
    ' srcmac="00:11:22:aa:bb:cc" user="N/A" appcat="unscanned"'
)
FORTIGATE: list[Row] = [
    (
        "traffic",
        "auto",
        "<189>" + FORTIGATE_TRAFFIC,
        {
            "event.dataset": "fortinet.fortigate",
            "event.category": ["network"],
            "event.type": ["connection", "end"],
            "event.outcome": "success",
            "event.action": "close",
            "event.code": "0000000013",
            "event.duration": 12_000_000_000,
            "observer.name": "FG-TINH",
            "observer.serial_number": "FG100F0000000001",
            "source.ip": "10.1.1.5",
            "source.address": "10.1.1.5",
            "source.port": 51000,
            "source.bytes": 1200,
            "source.packets": 9,
            "source.nat.ip": "192.0.2.1",
            "source.nat.port": 40001,
            "source.mac": "00-11-22-AA-BB-CC",
            "destination.ip": "203.0.113.9",
            "destination.port": 443,
            "destination.bytes": 5400,
            "related.ip": ["10.1.1.5", "203.0.113.9", "192.0.2.1"],
            "network.iana_number": "6",
            "network.transport": "tcp",
            "rule.id": "7",
            "user.name": None,
            "log.syslog.priority": 189,
            "fortinet.firewall.srcintfrole": "lan",
            "fortinet.firewall.sessionid": "901",
            "message": "traffic forward close",
            "host.name": None,
        },
    ),
    (
        "refused traffic",
        "fortigate",
        'date=2026-11-24 time=09:12:01 devname="F" devid="FG1" tz="+0700" logid="0000000014" type="traffic" subtype="local"'
        ' srcip=203.0.113.9 srcport=4000 dstip=10.0.0.1 dstport=22 proto=6 action="deny" policyid=0',
        {**FAILED, "event.category": ["network"], "event.type": ["connection", "denied"], "event.outcome": "success"}
        | {"source.ip": "203.0.113.9", "rule.id": "0"},
    ),
    (
        "administrator refused",
        "auto",
        '<185>date=2026-11-24 time=09:12:01 devname="F" devid="FG1" logid="0100032002" type="event" subtype="system"'
        ' level="alert" vd="root" logdesc="Admin login failed" user="admin" ui="https(203.0.113.9)" method="https"'
        ' srcip=203.0.113.9 dstip=192.0.2.1 action="login" status="failed" reason="passwd_invalid" msg="Administrator admin'
        ' login failed from https(203.0.113.9) because of invalid password"',
        {
            **FAILED,
            "event.action": "login",
            "event.reason": "passwd_invalid",
            "user.name": "admin",
            "related.user": ["admin"],
            "source.ip": "203.0.113.9",
            "message": "Administrator admin login failed from https(203.0.113.9) because of invalid password",
        },
    ),
    (
        "administrator, the address in the interface only",
        "auto",
        'date=2026-11-24 time=09:12:01 devname="F" devid="FG1" logid="0100032001" type="event" subtype="system" level="information"'
        ' vd="root" logdesc="Admin login successful" user="admin" ui="ssh(203.0.113.9)" action="login" status="success"',
        {**ATTACKER, "event.outcome": "success", "event.category": ["authentication"], "source.address": "203.0.113.9"},
    ),
    (
        "tunnel",
        "auto",
        'date=2026-11-24 time=09:12:01 devname="F" devid="FG1" logid="0101037127" type="event" subtype="vpn" level="notice" vd="root"'
        ' logdesc="Progress IPsec phase 1" msg="progress IPsec phase 1" action="negotiate" remip=203.0.113.9 locip=192.0.2.1'
        ' remport=500 locport=500 outintf="wan1" cookies="x" user="N/A" status="success" result="DONE"',
        {"source.ip": "203.0.113.9", "destination.ip": "192.0.2.1", "source.port": 500, "destination.port": 500}
        | {"related.ip": ["203.0.113.9", "192.0.2.1"], "event.outcome": "success", "user.name": None},
    ),
    (
        "VPN refused (hub)",
        "auto",
        'date=2024-10-14 time=13:46:41 eventtime=1728938802315326151 tz="-0700" logid="1234567890" type="event"'
        ' subtype="vpn" level="alert" vd="root" logdesc="SSL VPN login fail" action="ssl-login-fail" tunneltype="ssl-web"'
        ' tunnelid=0 remip=192.168.0.1 user="gxdadmin" group="N/A" dst_host="N/A"'
        ' reason="sslvpn_login_no_matching_policy" msg="SSL user failed to logged in"',
        {
            **FAILED,
            "source.ip": "192.168.0.1",
            "user.name": "gxdadmin",
            "event.reason": "sslvpn_login_no_matching_policy",
            "user.group.name": None,
        },
    ),
    (
        "intrusion",
        "auto",
        'date=2026-11-24 time=09:12:01 devname="F" devid="FG1" logid="0419016384" type="utm" subtype="ips"'
        ' eventtype="signature" level="alert" srcip=203.0.113.9 dstip=10.0.0.1 srcport=4000 dstport=80 proto=6'
        ' action="dropped" policyid=3 attack="Apache.Log4j.Error.Log.Remote.Code.Execution" attackid=51006'
        ' hostname="portal.example" url="/?a=b" msg="applications3: x"',
        {
            "event.category": ["intrusion_detection", "network"],
            "event.type": ["info", "denied"],
            "rule.id": "51006",
            "rule.description": "Apache.Log4j.Error.Log.Remote.Code.Execution",
            "fortinet.firewall.policyid": "3",
            "url.original": "/?a=b",
            "url.domain": "portal.example",
            "related.hosts": ["portal.example"],
        },
    ),
    (
        "behind an envelope with a host",
        "auto",
        'Nov 24 09:12:01 fw-01 date=2026-11-24 time=09:12:01 devid="FG1" logid="1" type="traffic" subtype="forward"'
        ' srcip=10.1.1.5 dstip=203.0.113.9 action="accept"',
        {"host.name": "fw-01", "source.ip": "10.1.1.5", "event.dataset": "fortinet.fortigate", "process.name": None},
    ),
    (
        "behind an envelope without a host",
        "auto",
        'Nov 24 09:12:01 date=2026-11-24 time=09:12:01 devid="FG1" logid="1" type="traffic" subtype="forward"'
        ' srcip=10.1.1.5 dstip=203.0.113.9 action="accept"',
        {"host.name": None, "source.ip": "10.1.1.5", "process.name": None},
    ),
    (
        "in RFC 5424",
        "auto",
        '<189>1 2026-11-24T02:12:01Z fw-01 - - - - eventtime=1795486321123456789 devid="FG1" logid="1" type="traffic"'
        ' subtype="forward" srcip=10.1.1.5 dstip=203.0.113.9 action="accept"',
        {"host.name": "fw-01", "source.ip": "10.1.1.5"},
    ),
    (
        "with commas",
        "auto",
        'date=2026-11-24,time=09:12:01,devid=FG1,logid=0720018433,type=utm,subtype=anomaly,level=alert,vd="root",'
        "srcip=203.0.113.9,dstip=10.0.0.1,action=clear_session",
        {"source.ip": "203.0.113.9", "event.category": ["intrusion_detection", "network"]},
    ),
    (
        "values that are not what their key says",
        "fortigate",
        'devid="FG1" type="traffic" srcip=khong srcport=abc dstport=99999999999999999999 sentbyte="" dstip=10.0.0.1',
        {
            "source.ip": None,
            "fortinet.firewall.srcip": "khong",
            "source.port": None,
            "fortinet.firewall.srcport": "abc",
            "fortinet.firewall.dstport": "99999999999999999999",
            "source.bytes": None,
            "destination.ip": "10.0.0.1",
        },
    ),
]

JOURNALD: list[Row] = [
    (
        "sshd",
        "auto",
        '{"__REALTIME_TIMESTAMP":"1795486321123456","_HOSTNAME":"may-chu","SYSLOG_IDENTIFIER":"sshd","_PID":"812","PRIORITY":"6",'
        '"SYSLOG_FACILITY":"10","_SYSTEMD_UNIT":"ssh.service","_EXE":"/usr/sbin/sshd","_CMDLINE":"sshd: root [priv]",'
        '"_TRANSPORT":"syslog","MESSAGE":"Failed password for root from 203.0.113.9 port 50112 ssh2"}',
        {
            **FAILED,
            **ATTACKER,
            "host.name": "may-chu",
            "related.hosts": ["may-chu"],
            "process.name": "sshd",
            "process.pid": 812,
            "process.executable": "/usr/sbin/sshd",
            "service.name": "ssh.service",
            "log.syslog.severity.name": "informational",
            "log.syslog.facility.name": "authpriv",
            "journald.transport": "syslog",
        },
    ),
    (
        "bytes for text",
        "journald",
        '{"MESSAGE":[78,103,195,160,121,255],"_COMM":"x"}',
        {"message": "Ngày\\xff", "process.name": "x", "event.dataset": "linux.journald"},
    ),
    ("several values", "journald", '{"MESSAGE":["a","b"]}', {"message": "a"}),
]

SYSLOG: list[Row] = [
    (
        "RFC 5424 with structured data",
        "auto",
        '<165>1 2026-11-24T02:12:01.003Z web-01 evntslog 88 ID47 [exampleSDID@32473 iut="3" q="a'
        ' \\"b\\" \\] c"][b@1 c="d"] An application event',
        {
            "log.syslog.version": "1",
            "log.syslog.facility.name": "local4",
            "log.syslog.severity.name": "notice",
            "log.syslog.msgid": "ID47",
            "log.syslog.structured_data.exampleSDID@32473.iut": "3",
            "log.syslog.structured_data.exampleSDID@32473.q": 'a "b" ] c',
            "log.syslog.structured_data.b@1.c": "d",
            "host.name": "web-01",
            "process.name": "evntslog",
            "process.pid": 88,
            "message": "An application event",
        },
    ),
    (
        "RFC 5424 with nothing",
        "auto",
        "<34>1 - - - - - -",
        {"host.name": None, "process.name": None, "message": None, "event.dataset": "syslog"},
    ),
    (
        "RFC 5424 with a byte order mark and a word for a process",
        "auto",
        "<34>1 2026-11-24T09:12:01+07:00 web-01 su abc - - \ufeffxin chào",
        {"message": "xin chào", "log.syslog.procid": "abc", "process.pid": None},
    ),
    (
        "file of rsyslog with ISO time",
        "auto",
        "2026-11-24T09:12:01.123456+07:00 web-01 cron[7]: (root) CMD (x)",
        {"host.name": "web-01", "process.name": "cron", "process.pid": 7, "log.syslog.priority": None},
    ),
    ("kernel", "auto", LOG + "kernel: [ 12.3] eth0: up", {"process.name": "kernel", "message": "[ 12.3] eth0: up"}),
    ("no program", "auto", LOG + "last message repeated 3 times", {"host.name": "web-01", "process.name": None}),
    (
        "IOS with number, unsure clock, fraction and zone",
        "auto",
        "<189>45: *Nov 24 02:12:01.123: %SYS-5-CONFIG_I: Configured from console by an",
        {
            "event.code": "SYS-5-CONFIG_I",
            "event.sequence": 45,
            "process.name": None,
            "host.name": None,
            "message": "Configured from console by an",
        },
    ),
    (
        "IOS with its name, counted twice",
        "auto",
        "<189>45: sw-01: 000046: Nov 24 09:12:01.123 ICT: %SYS-5-CONFIG_I: Configured from console by an",
        {
            "event.code": "SYS-5-CONFIG_I",
            "event.sequence": 45,
            "process.name": None,
            "host.name": "sw-01",
            "related.hosts": ["sw-01"],
            "message": "Configured from console by an",
        },
    ),
    (
        "IOS that tells how long it has been running",
        "auto",
        "<189>45: 1w2d: %LINK-3-UPDOWN: Interface Vlan1, changed state to up",
        {"event.code": "LINK-3-UPDOWN", "event.sequence": 45, "process.name": None, "host.name": None},
    ),
    (
        "IOS without a time",
        "auto",
        "<189>45: %LINK-3-UPDOWN: Interface Vlan1, changed state to up",
        {"event.code": "LINK-3-UPDOWN", "event.sequence": 45, "process.name": None},
    ),
    (
        "IOS behind a relay",
        "auto",
        "<189>Nov 24 09:12:02 10.1.1.9 45: *Nov 24 09:12:01.123: %SYS-5-CONFIG_I: Configured from console by an",
        {
            "event.code": "SYS-5-CONFIG_I",
            "event.sequence": 45,
            "process.name": None,
            "host.name": "10.1.1.9",
            "message": "Configured from console by an",
        },
    ),
    (
        "a number is no program",
        "auto",
        "<189>45: Configured from console by an",
        {"event.sequence": 45, "process.name": None, "message": "Configured from console by an"},
    ),
    (
        "a program may begin with a number",
        "auto",
        LOG + "7zip: x",
        {"event.sequence": None, "process.name": "7zip", "message": "x"},
    ),
    (
        "NX-OS",
        "auto",
        "<189>: 2026 Nov 24 09:12:01 ICT: %ETHPORT-5-IF_UP: Interface Ethernet1/1 is up",
        {"event.code": "ETHPORT-5-IF_UP", "process.name": None, "message": "Interface Ethernet1/1 is up"},
    ),
    (
        "ASA with the year behind",
        "auto",
        "<166>Nov 24 2026 09:12:01 fw-01 : %ASA-6-302013: Built outbound TCP connection",
        {"event.code": "ASA-6-302013", "host.name": "fw-01", "message": "Built outbound TCP connection"},
    ),
    ("a year before", "auto", "<13>2026 Nov 24 09:12:01 fw-01 app: x", {"host.name": "fw-01", "process.name": "app"}),
    ("priority and no time", "auto", "<13>app[3]: x", {"process.name": "app", "process.pid": 3, "message": "x"}),
    (
        "IPv6 host",
        "auto",
        "<13>Nov 24 09:12:01 2001:db8::1 app: x",
        {"host.name": "2001:db8::1", "process.name": "app"},
    ),
    ("priority out of range", "auto", "<999>Nov 24 09:12:01 a b: c", {"log.syslog.priority": None, "host.name": "a"}),
]

ROWS: list[Row] = [*SSHD, *HOSTILE_NAMES, *LINUX, *WEB, *FORTIGATE, *JOURNALD, *SYSLOG]
