"""Bulk bodies as shippers write them, and answers as they read them."""

import contextlib
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.bulk_body import Item, Malformed, read_bulk, write_answer

TWO = b'{"create":{"_index":"logs-app","_id":"7"}}\n{"a":1}\n{"index":{}}\n{"b": 2}\n'


def test_actions_in_order_with_the_index_of_the_address_for_those_that_name_none():
    assert read_bulk(TWO, "mine") == [
        Item("create", "logs-app", "7", b'{"a":1}'),
        Item("index", "mine", None, b'{"b": 2}'),
    ]


@pytest.mark.parametrize(
    "body",
    [
        TWO[:-1],  # the last line without its end
        TWO + b"\n\n",  # rsyslog ends with an empty line
        b"\n" + TWO.replace(b"\n", b"\r\n"),
    ],
)
def test_what_shippers_do_to_lines(body):
    assert [item.verb for item in read_bulk(body, "x")] == ["create", "index"]


def test_a_document_is_not_looked_into():
    (item,) = read_bulk(b'{"create":{}}\n{"cut off": \n', "x")
    assert item.document == b'{"cut off": '


def test_what_is_more_in_an_action_is_passed_over():
    more = {"_type": "_doc", "routing": "r", "pipeline": "p", "dynamic_templates": {}}
    action = {"index": {"_index": "i", "_id": 7, **more}}
    (item,) = read_bulk(json.dumps(action).encode() + b"\n{}\n", "x")
    assert (item.index, item.id) == ("i", "7")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"nonsense\n{}\n",
        b"[]\n{}\n",
        b"{}\n{}\n",
        b'{"create":7}\n{}\n',
        b'{"create":{}}\n',
        b'{"create":{}}\n\n{}\n',
        b'{"a":1}\n' + TWO,
        TWO + b'{"create":{"_id":\n{}\n',
        b"\xff\xfe\n{}\n",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_none_is_refused_whole(body):
    with pytest.raises(Malformed):
        read_bulk(body, "x")


def test_the_answer_has_an_item_for_each_action_in_order():
    items = read_bulk(TWO + b'{"delete":{"_index":"i","_id":"7"}}\n{"update":{"_id":"8"}}\n{"doc":{}}\n', "mine")
    answer = json.loads(write_answer(items, (f"id-{n}" for n in itertools.count()), 5))
    assert (answer["took"], answer["errors"]) == (5, True)
    assert [next(iter(each)) for each in answer["items"]] == ["create", "index", "delete", "update"]
    created, indexed, deleted, updated = (next(iter(each.values())) for each in answer["items"])
    assert (created["_index"], created["_id"], created["status"]) == ("logs-app", "7", 201)
    assert (indexed["_index"], indexed["_id"]) == ("mine", "id-1")
    assert (deleted["status"], deleted["error"]["type"]) == (400, "illegal_argument_exception")
    assert (updated["_id"], updated["status"]) == ("8", 400)


NAMES = st.text(max_size=20) | st.integers(0, 10**6) | st.none()


@given(st.lists(st.tuples(st.sampled_from(["create", "index", "delete"]), NAMES, st.text(max_size=20)), min_size=1))
def test_any_names_come_back_as_they_were(actions):
    lines = []
    for verb, identity, index in actions:
        lines.append(json.dumps({verb: {"_index": index, "_id": identity}}))
        if verb != "delete":
            lines.append(json.dumps({"x": index}))
    items = read_bulk("\n".join(lines).encode(), "mine")
    answer = json.loads(write_answer(items, (f"id-{n}" for n in itertools.count()), 0))
    assert answer["errors"] is any(verb == "delete" for verb, _, _ in actions)
    for (verb, identity, index), each in zip(actions, answer["items"], strict=True):
        assert each[verb]["_index"] == (index or "mine")
        if identity is not None:
            assert each[verb]["_id"] == str(identity)


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(body):
    with contextlib.suppress(Malformed):
        assert read_bulk(body, "x")
