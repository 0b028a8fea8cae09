"""Random events and queries over few words, so that they meet."""

import os
import random
import re
from datetime import timedelta

from core.event import Event, Value
from core.query.syntax import And, Everything, Exists, Not, Or, Phrase, Prefix, Query, Range, Term, Wildcard, Word
from tests.contract.event_stores import START, event

SEEDS = int(os.environ.get("CANH_CONTRACT_SEEDS", "12"))
"""How many random stores a property test draws: more by `make bench-contract`."""

WORDS = ["root", "Root", "đăng", "dang", "nhập", "a", "ab", "b", "10.0.0.1", "x-y", "a b", "1", "07", "ß", "", "²"]
NUMBERS = ["0", "1", "-1", "7", "007", "7.0", "7.5", "80", "443", str(2**63 - 1), str(-(2**63)), str(2**63)]
WHOLE = [number for number in NUMBERS if "." not in number]
IPS = ["10.0.0.1", "10.0.0.2", "10.0.1.0", "::1", "2001:db8::1", "2001:DB8::2", "::ffff:10.0.0.1", "0.0.0.0"]
NETWORKS = ["10.0.0.0/24", "10.0.0.1/8", "2001:db8::/32", "::/0", "10.0.0.0/33"]
TIMES = ["2026-11-23", "2026-11-24", "2026-11-24T02:00:00Z", "2026-11-24T02:00:01+00:00", "2026-11-25T00:00:00Z"]
BOUNDS = {
    "source.port": WHOLE,
    "event.risk_score": NUMBERS,
    "source.ip": IPS,
    "related.ip": IPS,
    "event.start": TIMES,
    "@timestamp": TIMES,
}
FIELDS_USED = [
    "user.name",
    "odd name=",
    "labels.x",
    "tags",
    "message",
    "error.message",
    *BOUNDS,
    "event.original",
    "nowhere",
]
MASKS = [frozenset[str](), frozenset({"message", "user.name"}), frozenset({"event.original", "source.ip"})]
UNITS = [None, None, frozenset({"province"}), frozenset({"school", "elsewhere"}), frozenset[str]()]


class Chance(random.Random):
    """Draws events and queries over few words, so that they meet."""

    def value(self, name: str) -> Value:
        """Mostly a value of the field's type, sometimes one that does not fit."""
        if self.random() < 0.15:
            return self.choice(WORDS)
        match name:
            case "source.port":
                return int(self.choice(WHOLE)) if self.random() < 0.7 else self.randint(-2, 500)
            case "event.risk_score":
                return self.choice([0.0, 1.0, 7.5, 7, -1, 2**70])
            case "source.ip":
                return self.choice(IPS)
            case "related.ip":
                return self.choices(IPS, k=self.randint(1, 3))
            case "event.start":
                return self.choice(["2026-11-23T05:00:00Z", "2026-11-24T02:00:00Z", "2026-11-24", "soon"])
            case "labels.x":
                return self.choice([7, -1, 7.5, True, False, ["a", "b"], [1, 7]])
            case "tags":
                return self.choices(WORDS, k=self.randint(1, 3))
            case "message" | "error.message":
                return " ".join(self.choices(WORDS, k=self.randint(0, 5)))
        return self.choice(WORDS)

    def event(self, number: int) -> Event:
        names = [
            name
            for name in FIELDS_USED
            if self.random() < 0.4 and name not in ("@timestamp", "event.original", "nowhere")
        ]
        return event(
            number,
            {name: self.value(name) for name in names},
            " ".join(self.choices(WORDS, k=self.randint(0, 5))),
            partition=self.choice(["intake.1", "replay.2"]),
            after_s=self.randint(0, 2),
            received=START + timedelta(days=self.randint(0, 1)),
            unit=self.choice(["province", "school"]),
        )

    def leaf(self) -> Query:
        name = self.choice(FIELDS_USED)
        pool = BOUNDS.get(name, WORDS) if self.random() < 0.6 else WORDS + NUMBERS + NETWORKS
        value = self.choice(pool) if name not in ("source.ip", "related.ip") else self.choice(IPS + NETWORKS + WORDS)
        match self.randrange(9):
            case 0:
                return Word(self.choice(WORDS + IPS))
            case 1:
                return Phrase(None, " ".join(self.choices(WORDS, k=2)))
            case 2:
                return Prefix(None, self.choice(["r", "da", "a", "a b", "10.0", *WORDS]))
            case 3:
                return Exists(name)
            case 8:
                pieces = tuple(value[: self.randint(0, 2)] for value in self.choices(WORDS, k=self.randint(2, 3)))
                is_text = name in ("message", "error.message", "event.original")
                if is_text and not all(map(re.compile(r"[^\W_]*").fullmatch, pieces)):
                    return Exists(name)
                return Wildcard(name, pieces)
            case 4:
                return Prefix(name, value[: self.randint(0, len(value))])
            case 5 | 6 if name in BOUNDS:
                low, high = (self.choice([None, *BOUNDS[name]]) for _ in range(2))
                return Range(name, low, high, self.random() < 0.5, self.random() < 0.5)
            case 7:
                return Phrase(name, value)
        return Term(name, value)

    def query(self, depth: int = 2) -> Query:
        if depth == 0 or self.random() < 0.5:
            return self.leaf() if self.random() < 0.95 else Everything()
        match self.randrange(3):
            case 0:
                return Not(self.query(depth - 1))
            case 1:
                return And(tuple(self.query(depth - 1) for _ in range(self.randint(2, 3))))
        return Or(tuple(self.query(depth - 1) for _ in range(self.randint(2, 3))))
