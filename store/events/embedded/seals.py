"""The seals of day folders: what each held when it was sealed, each seal over the one before.

One line for each sealing, appended to `seals.ndjson` beside the folders and never changed:

{"folder":"2026-11-24-standard","meta":2715812301,"events":81234,"digest":"9f...","previous":"00...","seal":"5c..."}

`meta` is the state of the index, as in its manifest, `digest` the SHA-256 of the folder's files, `seal` that of
`previous` and the rest of the line: whoever changes a folder, or drops a line, must write every later line anew. A
folder that is written to after all is sealed again.
"""

import hashlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from core.language import Text
from store.events.embedded.folder import OPEN_DAYS, Damaged, Manifest, day_folders, read_manifest
from store.files import sync_folder

SEALS_FILE = "seals.ndjson"
FIRST = "0" * 64

log = logging.getLogger("events")

CHANGED = Text("nội dung khác với lúc niêm phong", "its content is not what was sealed")
GONE = Text("không còn ở đó", "it is not there any more")
DAMAGED = Text("bị hỏng", "it is damaged")
NOT_SEALED = Text("đã đóng nhưng chưa niêm phong", "it is closed but was never sealed")
BROKEN = Text("niêm phong không nối tiếp niêm phong trước", "the seal does not follow the one before")
UNREADABLE = Text("dòng niêm phong không đọc được", "the line of the seal cannot be read")


class Seal(msgspec.Struct, frozen=True):
    """One line."""

    folder: str
    meta: int
    events: int
    digest: str
    previous: str
    seal: str


class Finding(msgspec.Struct, frozen=True):
    """What is wrong with a folder, or with a line of the file (`seals.ndjson:3`)."""

    place: str
    what: Text


class Verdict(msgspec.Struct, frozen=True):
    """How many folders are as they were sealed, how many are still open, what is wrong, and the newest seal."""

    intact: int
    open: int
    findings: tuple[Finding, ...]
    newest: str


def add_seal(root: Path, folder: Path, manifest: Manifest) -> Seal | None:
    """Seal a folder that does not change any more; durable when it returns. None where it is sealed as it is.

    Raises OSError. Costs the reading of the whole folder.
    """
    newest = FIRST
    for _, seal in _lines(root):
        if seal is not None:
            newest = seal.seal
            if seal.folder == folder.name and seal.meta == manifest.meta:
                return None
    seal = _sealed(folder.name, manifest.meta, manifest.events, digest_of(folder, manifest), newest)
    with (root / SEALS_FILE).open("ab") as file:
        file.write(msgspec.json.encode(seal) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(root)
    return seal


def sealed_states(root: Path) -> set[tuple[str, int]]:
    """The folders that were sealed, each with the state of its index then: one reading for all of them."""
    return {(seal.folder, seal.meta) for _, seal in _lines(root) if seal is not None}


def digest_of(folder: Path, manifest: Manifest) -> str:
    """SHA-256 over the names and digests of the files that the manifest's state needs."""
    whole = hashlib.sha256()
    for name in sorted(manifest.sizes):
        with (folder / name).open("rb") as file:
            whole.update(f"{name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()


def verify_seals(root: Path) -> Verdict:
    """Whether every sealed folder is as it was sealed and no seal was dropped or changed. Reads all; changes nothing.

    A cut at the end of the file is seen by whoever knows the newest seal: the audit does.
    """
    findings: list[Finding] = []
    newest, seals = FIRST, dict[str, Seal]()
    for number, seal in _lines(root):
        if seal is None:
            findings.append(Finding(f"{SEALS_FILE}:{number}", UNREADABLE))
            continue
        if seal.previous != newest or seal != _sealed(seal.folder, seal.meta, seal.events, seal.digest, seal.previous):
            findings.append(Finding(f"{SEALS_FILE}:{number}", BROKEN))
        newest, seals[seal.folder] = seal.seal, seal
    there = {folder.name: folder for folder in day_folders(root)}
    findings += [Finding(name, GONE) for name in sorted(set(seals) - set(there))]
    intact = still_open = 0
    may_be_open = set(sorted(there)[-OPEN_DAYS:])
    for name, folder in sorted(there.items()):
        try:
            manifest = read_manifest(folder)
            is_sealed = manifest is not None and name in seals and seals[name].meta == manifest.meta
            if not is_sealed and name in may_be_open:
                still_open += 1
            elif manifest is None:
                findings.append(Finding(name, CHANGED))
            elif name not in seals:
                findings.append(Finding(name, NOT_SEALED))
            elif digest_of(folder, manifest) != seals[name].digest:
                findings.append(Finding(name, CHANGED))
            else:
                intact += 1
        except (Damaged, OSError) as error:
            log.warning("event folder %s cannot be verified: %s", name, error)
            findings.append(Finding(name, DAMAGED))
    return Verdict(intact, still_open, tuple(findings), newest)


def _sealed(folder: str, meta: int, events: int, digest: str, previous: str) -> Seal:
    said = f"{previous} {folder} {meta} {events} {digest}".encode()
    return Seal(folder, meta, events, digest, previous, hashlib.sha256(said).hexdigest())


def _lines(root: Path) -> Iterator[tuple[int, Seal | None]]:
    """(number from 1, the seal or None where the line is none)."""
    try:
        lines = (root / SEALS_FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return
    for number, line in enumerate(lines, 1):
        try:
            yield number, msgspec.json.decode(line, type=Seal)
        except msgspec.DecodeError:
            yield number, None
