"""`canh audit list|verify|export|public-key`: who did what, and whether the record of it is whole."""

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from composition import texts
from composition.commands.environment import database_of, refuse, require, require_data, settings_of
from composition.commands.times import read_time
from composition.settings import Settings
from composition.texts import printable, printable_json, say
from core import clock
from core.language import Text
from core.scope import EVERY_UNIT
from core.system_error import reason_of
from org.actor import OPERATOR
from org.audit import AUDITED_NAMES, OUTCOME_NAMES
from org.refused import Refused

if TYPE_CHECKING:
    from org.audit_key import PublicKey
    from org.audit_verify import Verdict, Witness


def list_rows(options: argparse.Namespace) -> int:
    """Newest first: number, time, actor, action, resource, outcome, detail; 1 where nothing is found."""
    from org.audit_log import Narrowing, list_audit
    from store import db

    settings = settings_of(options)
    actor = require("audit.read", "audit")
    narrowing = Narrowing(
        actor=options.actor,
        action=options.action,
        resource=options.resource,
        start=_time(options.start, settings),
        end=_time(options.end, settings),
    )
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        page = list_audit(session, actor, narrowing, limit=options.limit)
    if isinstance(page, Refused):
        refuse(say(page.reason))
    for row in page.rows:
        if options.json:
            print(printable_json(row))
            continue
        at = row.at.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M:%S")
        action = say(AUDITED_NAMES.get(row.action, Text(row.action, row.action)))
        outcome = say(OUTCOME_NAMES.get(row.outcome, Text(row.outcome, row.outcome)))
        detail = " ".join(f"{name}={value}" for name, value in row.detail.items())
        who = f"{row.actor_name} ({row.actor})" if row.actor_name and row.actor_name != row.actor else row.actor
        print(printable(f"{row.sequence:<8}{at}  {who}  {action}  {row.resource}  {outcome}  {detail}".rstrip()))
    if page.odd:
        print(say(texts.OUT_OF_AUDIT, rows=", ".join(map(str, page.odd))), file=sys.stderr)
    return 0 if page.rows or page.odd else 1


def verify_chain(options: argparse.Namespace) -> int:
    """Say whether the audit is as it was written: 0 when it is, 1 with the first bad row when not. Changes nothing."""
    outside, remarks = _outside(options.checkpoints)
    verdict, own_key = _of_export(options, outside) if options.export else _of_database(options, outside)
    if own_key:
        remarks.append(texts.OWN_PUBLIC_KEY)
    if options.json:
        print(printable_json({"verdict": verdict, "remarks": [*verdict.remarks, *remarks]}))
        return 1 if verdict.bad else 0
    if verdict.bad is not None:
        said = say(
            texts.AUDIT_BAD, sequence=verdict.bad.sequence, reason=say(verdict.bad.reason), proved=verdict.proved
        )
    elif verdict.proved:
        said = say(
            texts.AUDIT_INTACT,
            rows=verdict.rows,
            proved=verdict.proved,
            signed_at=verdict.signed_at,
            waiting=verdict.waiting,
        )
    else:
        said = say(texts.AUDIT_NOT_CHAINED, rows=verdict.rows)
    print(printable(said))
    for remark in (*verdict.remarks, *remarks):
        print(printable(say(texts.AUDIT_REMARK, remark=say(remark))))
    return 1 if verdict.bad else 0


def export(options: argparse.Namespace) -> int:
    """The whole audit as JSON lines; that it left is audited first. A terminal gets what it might obey written out."""
    from org.audit_export import export_lines, note_export
    from store import db

    settings = settings_of(options)
    engine = database_of(settings)
    public_key = _own_key(settings).pem
    with db.session(engine, EVERY_UNIT) as session:
        refused = note_export(session, OPERATOR, clock.now())
    if refused is not None:
        refuse(say(refused.reason))
    on_terminal = sys.stdout.isatty()
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        for line in export_lines(session, public_key, clock.now()):
            text = line.decode().rstrip("\n")
            print(texts.escaped(text) if on_terminal else text)
    return 0


def show_public_key(options: argparse.Namespace) -> int:
    """The public key as PEM."""
    settings = settings_of(options)
    require_data(settings)
    print(_own_key(settings).pem, end="")
    return 0


def _of_database(options: argparse.Namespace, outside: "list[Witness]") -> "tuple[Verdict, bool]":
    from sqlalchemy.exc import DatabaseError

    from core.errors import Unavailable
    from org.audit_export import database_steps, database_witnesses
    from org.audit_verify import verify
    from store import db

    settings = settings_of(options)
    require("audit.read", "audit")
    require_data(settings)
    keys = _kept_keys(options.public_key) or (_own_key(settings),)
    file = settings.data / "canh.db"
    if settings.database is None and not file.exists():
        refuse(say(texts.NO_DATA, path=settings.data))
    engine = db.open_for_inspection(file) if settings.database is None else db.open_engine(settings.database)
    try:
        with db.session(engine, EVERY_UNIT, reading=True) as session:
            witnesses = (*database_witnesses(session), *outside)
            verdict = verify(database_steps(session), witnesses, keys)
    except (DatabaseError, Unavailable) as error:
        why = say(error.reason) if isinstance(error, Unavailable) else str(getattr(error, "orig", error))
        refuse(printable(say(texts.NOT_A_DATABASE, path=file, reason=why)))
    return verdict, options.public_key is None


def _of_export(options: argparse.Namespace, outside: "list[Witness]") -> "tuple[Verdict, bool]":
    from org.audit_export import NotAnExport, read_export
    from org.audit_key import BadKey, public_keys
    from org.audit_verify import verify

    try:
        with options.export.open("rb") as lines:
            found = read_export(lines)
            keys = _kept_keys(options.public_key) or public_keys(found.public_key)
            return verify(found.steps, (*found.witnesses, *outside), keys), options.public_key is None
    except OSError as error:
        refuse(say(texts.CANNOT_READ, file=options.export, reason=say(reason_of(error))))
    except NotAnExport as error:
        refuse(say(texts.NOT_AN_EXPORT, file=options.export, line=error.line))
    except BadKey:
        refuse(say(texts.NO_PUBLIC_KEY, file=options.export))


def _outside(file: Path | None) -> "tuple[list[Witness], list[Text]]":
    """The checkpoints kept elsewhere, and what is to be said about them. Read before the audit, which goes on."""
    if file is None:
        return [], [texts.NO_OUTSIDE_CHECKPOINTS]
    from org.audit_export import read_checkpoints

    try:
        with file.open("rb") as lines:
            witnesses, spoiled = read_checkpoints(lines, Text(str(file), str(file)))
    except OSError as error:
        refuse(say(texts.CANNOT_READ, file=file, reason=say(reason_of(error))))
    if not witnesses:
        refuse(say(texts.NO_CHECKPOINTS, file=file))
    lines_of = ", ".join(map(str, spoiled[:20]))
    return witnesses, [texts.SPOILED_CHECKPOINTS.format(file=file, lines=lines_of)] if spoiled else []


def _kept_keys(file: Path | None) -> "tuple[PublicKey, ...]":
    from org.audit_key import BadKey, public_keys

    if file is None:
        return ()
    try:
        return public_keys(file.read_text("ascii"))
    except OSError as error:
        refuse(say(texts.CANNOT_READ, file=file, reason=say(reason_of(error))))
    except (BadKey, ValueError):
        refuse(say(texts.NO_PUBLIC_KEY, file=file))


def _own_key(settings: Settings) -> "PublicKey":
    from org.audit_key import FILE, BadKey, load_key

    try:
        return load_key(settings.data).public
    except FileNotFoundError:
        refuse(say(texts.NO_AUDIT_KEY, path=settings.data))
    except OSError as error:
        refuse(say(texts.CANNOT_READ, file=settings.data / FILE, reason=say(reason_of(error))))
    except BadKey:
        refuse(say(texts.NO_PUBLIC_KEY, file=settings.data / FILE))


def _time(text: str | None, settings: Settings) -> datetime | None:
    if text is None:
        return None
    time = read_time(text, clock.now(), settings.zone)
    if time is None:
        refuse(say(texts.BAD_TIME, text=printable(text)))
    return time
