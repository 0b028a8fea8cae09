"""Whether an audit is the one that was written: each hash is computed again, each checkpoint's signature checked. Pure.

What lies before us (a database, an export) is a sequence of steps. The first that does not hold is named; what comes
behind it proves nothing any more. Signed checkpoints kept elsewhere are evidence of what the audit once was: they find
the end that was cut off, the database of last week, the chain that was computed anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from core.language import Text
from org.audit_chain import NOTHING, Checkpoint, Row, link
from org.audit_key import PublicKey

MOST_REMARKS = 20

CHANGED = Text(
    "dòng {n} không khớp mã băm: dòng này đã bị sửa, hoặc dòng ngay trước nó bị sửa cùng mã băm",
    "row {n} does not match its hash: it was changed, or the row before it was changed together with its hash",
)
MISSING = Text("thiếu dòng {n}", "row {n} is missing")
MISSING_TO = Text("thiếu các dòng từ {n} đến {last}", "the rows from {n} to {last} are missing")
INSERTED = Text(
    "dòng {n} được chèn vào sau, hoặc mã băm của nó bị xóa", "row {n} was inserted afterwards, or its hash removed"
)
OUT_OF_ORDER = Text("dòng {n} sai thứ tự hoặc lặp lại", "row {n} is out of order or there twice")
UNLINKED = Text(
    "dòng {n} mất mã băm mà mốc đã ký lúc {at} chứng nhận",
    "row {n} has lost the hash that the checkpoint signed at {at} attests",
)
UNSIGNED = Text(
    "từ dòng {n} trở đi chuỗi băm không có chữ ký nào: Canh không ghi như vậy",
    "from row {n} on no signature covers the chain: Canh does not write it like that",
)
REWRITTEN = Text(
    "có dòng từ {n} đến {last} bị sửa và chuỗi băm bị tính lại: khác với mốc đã ký lúc {at}",
    "a row from {n} to {last} was changed and the chain computed anew: it is not what was signed at {at}",
)
CUT_OFF = Text(
    "các dòng từ {n} đến {last} đã mất: mốc ký lúc {at} chứng nhận chúng (bị cắt, hoặc đây là bản cũ được khôi phục)",
    "the rows from {n} to {last} are gone: they were signed at {at} (cut off, or an old copy was restored)",
)
BAD_SIGNATURE = Text(
    "mốc ở dòng {n} ({origin}) có chữ ký sai hoặc do khóa khác ký",
    "the checkpoint at row {n} ({origin}) has a false signature or one of another key",
)
CLOCK_WENT_BACK = Text(
    "đồng hồ lùi: dòng {n} ghi {at}, dòng trước nó ghi {before}",
    "the clock went back: row {n} says {at}, the row before it {before}",
)
MORE_REMARKS = Text("và {count} lần đồng hồ lùi nữa", "and the clock went back {count} times more")


class Step(msgspec.Struct, frozen=True):
    """A row with its hash (hex); `row` is None where only the hash is left, `hash` where the row is not chained."""

    sequence: int
    row: Row | None
    hash: Any


class Witness(msgspec.Struct, frozen=True):
    """A checkpoint and where it was found."""

    checkpoint: Checkpoint
    origin: Text


class Bad(msgspec.Struct, frozen=True):
    """The first row that is not as it was written, or not there."""

    sequence: int
    reason: Text


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Rows up to `proved` (0: none) are as they were when the chain took them, unless there is a `bad` one.

    `signed_at` is the time of the last checkpoint that held. `waiting` rows are written and not chained yet: they are
    not wrong, they are not proved. `remarks` are no errors.
    """

    rows: int
    proved: int
    signed_at: str | None
    waiting: int
    bad: Bad | None
    remarks: tuple[Text, ...]


def verify(steps: Iterable[Step], witnesses: Sequence[Witness], keys: Sequence[PublicKey]) -> Verdict:
    """Walk the steps once, in the order in which they come; memory does not grow with them."""
    return _Walk(witnesses, keys).over(steps)


def merge(rows: Iterator[Row], links: Iterator[tuple[int, str]]) -> Iterator[Step]:
    """Rows and hashes of the same sequence as one step; both come with rising sequences."""
    row, linked = next(rows, None), next(links, None)
    while row is not None or linked is not None:
        if linked is None or (row is not None and row["sequence"] < linked[0]):
            assert row is not None  # noqa: S101 (the loop's condition)
            yield Step(row["sequence"], row, None)
            row = next(rows, None)
        elif row is None or linked[0] < row["sequence"]:
            yield Step(linked[0], None, linked[1])
            linked = next(links, None)
        else:
            yield Step(linked[0], row, linked[1])
            row, linked = next(rows, None), next(links, None)


class _Walk:
    def __init__(self, witnesses: Sequence[Witness], keys: Sequence[PublicKey]) -> None:
        self._keys = {key.id: key for key in keys}
        self._at: defaultdict[int, list[Witness]] = defaultdict(list)
        for witness in witnesses:
            if witness not in self._at[witness.checkpoint.sequence]:
                self._at[witness.checkpoint.sequence].append(witness)
        self._ahead = sorted(self._at, reverse=True)
        self._hash = NOTHING
        self._chained = 0  # the last sequence whose hash held
        self._proved = 0
        self._signed_at: str | None = None
        self._waiting: list[int] = []
        self._rows = 0
        self._last_at: tuple[int, str] | None = None
        self._remarks: list[Text] = []
        self._went_back = 0

    def over(self, steps: Iterable[Step]) -> Verdict:
        bad: Bad | None = None
        last: int | None = None
        for step in steps:
            if last is not None and step.sequence <= last:
                bad = Bad(step.sequence, OUT_OF_ORDER.format(n=step.sequence))
            else:
                bad = self._take(step)
            if bad is not None:
                break
            last = step.sequence
        if bad is None:
            bad = self._end()
        if self._went_back > MOST_REMARKS:
            self._remarks.append(MORE_REMARKS.format(count=self._went_back - MOST_REMARKS))
        return Verdict(
            rows=self._rows,
            proved=self._proved,
            signed_at=self._signed_at,
            waiting=len(self._waiting) if bad is None else 0,
            bad=bad,
            remarks=tuple(self._remarks),
        )

    def _take(self, step: Step) -> Bad | None:
        n = step.sequence
        if step.row is None:
            return Bad(n, MISSING.format(n=n))
        self._rows += 1
        self._look_at_clock(n, step.row)
        if step.hash is None:
            self._waiting.append(n)
            return None
        if self._waiting:
            return Bad(self._waiting[0], INSERTED.format(n=self._waiting[0]))
        hashed = link(self._hash, step.row)
        if hashed.hex() != step.hash:
            first = self._chained + 1
            if n == first:
                return Bad(n, CHANGED.format(n=n))
            # Numbers are given without gaps: rather a row is gone than this one changed.
            text = MISSING if n == first + 1 else MISSING_TO
            return Bad(first, text.format(n=first, last=n - 1))
        while self._ahead and self._ahead[-1] <= n:
            bad = self._hear(self._ahead.pop(), n, hashed.hex())
            if bad is not None:
                return bad
        self._hash, self._chained = hashed, n
        return None

    def _hear(self, sequence: int, n: int, hashed: str) -> Bad | None:
        """The witnesses of one sequence; `hashed` is what the chain says at `n`, the first row not before it."""
        first = self._proved + 1
        for witness in self._at[sequence]:
            checkpoint = witness.checkpoint
            if not self._is_signed(checkpoint):
                return Bad(sequence, BAD_SIGNATURE.format(n=sequence, origin=witness.origin))
            if sequence != n or checkpoint.hash != hashed:
                return Bad(first, REWRITTEN.format(n=first, last=sequence, at=checkpoint.at))
            self._proved, self._signed_at = sequence, checkpoint.at
        return None

    def _end(self) -> Bad | None:
        """What the witnesses know of rows behind the end of the chain, and whether the chain's end is signed."""
        while self._ahead:
            sequence = self._ahead.pop()
            for witness in self._at[sequence]:
                checkpoint = witness.checkpoint
                if not self._is_signed(checkpoint):
                    return Bad(sequence, BAD_SIGNATURE.format(n=sequence, origin=witness.origin))
                first = self._chained + 1
                if self._waiting and self._waiting[0] <= sequence:
                    return Bad(self._waiting[0], UNLINKED.format(n=self._waiting[0], at=checkpoint.at))
                return Bad(first, CUT_OFF.format(n=first, last=sequence, at=checkpoint.at))
        if self._chained > self._proved:
            return Bad(self._proved + 1, UNSIGNED.format(n=self._proved + 1))
        return None

    def _is_signed(self, checkpoint: Checkpoint) -> bool:
        key = self._keys.get(checkpoint.key)
        return key is not None and checkpoint.signed_by(key)

    def _look_at_clock(self, n: int, row: Row) -> None:
        at = row.get("at")
        if not isinstance(at, str):
            return
        if self._last_at is not None and at < self._last_at[1]:
            self._went_back += 1
            if self._went_back <= MOST_REMARKS:
                self._remarks.append(CLOCK_WENT_BACK.format(n=n, at=at, before=self._last_at[1]))
        self._last_at = n, at
