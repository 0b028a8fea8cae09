import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import PROBLEMS, REASONS, Code, Problem, answer, language_of


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("vi,en;q=0.9", "vi"),
        ("fr;q=1.0,en;q=0.2", "en"),
        ("en;q=0.3,vi;q=0.8", "vi"),
        ("en;q=x", "vi"),
        ("*", "vi"),
        ("EN", "en"),
    ],
)
def test_the_preferred_language(accepted, language):
    assert language_of(accepted) == language


@given(st.text())
def test_any_header_has_a_language(accepted):
    assert language_of(accepted) in ("vi", "en")


def test_every_code_is_in_the_table_with_its_own_status():
    assert set(PROBLEMS) == set(Code.__args__)
    assert len({kind.status for kind in PROBLEMS.values()}) == len(PROBLEMS)


@pytest.mark.parametrize("code", PROBLEMS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_problem_can_be_told_in_both_languages(code, language):
    extra = {"log_id": "5f"} if code == "internal" else {}
    told = answer(Problem(code, **extra), language)
    body = json.loads(told.body)
    assert told.status_code == PROBLEMS[code].status
    assert body["title"] == PROBLEMS[code].title.within(language)
    assert body["detail"] == body["reason"][language]
    assert set(body["reason"]) == {"vi", "en"} and "{" not in "".join(body["reason"].values())


def test_the_reasons_fill_the_same_places():
    values = {"ge": 1, "le": 2, "expected": "x", "max_length": 3}
    for text in REASONS.values():
        assert "{" not in text.format(**values).vi + text.format(**values).en
