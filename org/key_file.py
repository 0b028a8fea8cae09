"""A file that holds a key: made whole or not at all, for its owner's eyes, never by chance over another."""

import os
from pathlib import Path


def make_once(path: Path, content: bytes) -> bool:
    """Make the file with mode 0600 and bring it to the disk; False where another was there before, which stays."""
    draft = _draft(path, content)
    try:
        os.link(draft, path)  # unlike a rename it refuses to replace a key
        made = True
    except FileExistsError:
        made = False
    draft.unlink()
    _settle(path)
    return made


def replace(path: Path, content: bytes) -> None:
    """The file has this content from now on, before and after a crash the old or the new one, whole."""
    _draft(path, content).replace(path)
    _settle(path)


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _settle(path: Path) -> None:
    """Bring the name itself to the disk."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
