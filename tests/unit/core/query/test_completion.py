import pytest

from core.query.completion import MOST, Completion, completion_at, names_like


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", Completion(0, 0, None, "")),
        ("user.na|", Completion(0, 7, None, "user.na")),
        ("a and so|", Completion(6, 8, None, "so")),
        ("(not so|", Completion(5, 7, None, "so")),
        ("us|er.name:x", Completion(0, 2, None, "us")),
        ("user.name:|", Completion(10, 10, "user.name", "")),
        ("user.name:ro|", Completion(10, 12, "user.name", "ro")),
        ("not user.name:ro|", Completion(14, 16, "user.name", "ro")),
        ("user.name:(root or ad|", Completion(19, 21, "user.name", "ad")),
        ('user.name:"Nguyễn V|', Completion(10, 19, "user.name", "Nguyễn V")),
        (r'user.name:"a \"b|', Completion(10, 16, "user.name", 'a "b')),
        ('user.name:("a b" or "c|', Completion(20, 22, "user.name", "c")),
        ("made.up-field:x|", Completion(14, 15, "made.up-field", "x")),
        ('"failed pass|', None),
        ("message:fail|", None),
        ("@timestamp:2026|", None),
        ("odd name=:x|", None),
        ("source.port:>5|", None),
        ("user.name:*x|", None),
        ("a and|", None),
        ("a OR|", None),
    ],
)
def test_what_is_being_typed(typed, expected):
    at = typed.find("|")
    assert completion_at(typed.replace("|", ""), len(typed) if at < 0 else at) == expected


def test_names_that_begin_so_come_before_those_of_which_a_part_does():
    names = names_like("ip", ["ip.made.up", "other"])
    assert names[0] == "ip.made.up" and all(".ip" in name for name in names[1:])
    assert "source.ip" in names and len(names) == MOST
    assert names_like("USER.NAM")[0] == "user.name"
    assert names_like("nobody.has") == []
