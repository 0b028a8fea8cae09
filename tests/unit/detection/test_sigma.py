"""Sigma's meaning, one trap after another: each is a way in which another engine was wrong."""

import base64

import pytest

from detection.sigma.load import load_rules
from detection.sigma.necessary import necessary_literals
from detection.sigma.repetition import repeats_repetition
from detection.sigma.text import number_of, text_of
from tests.unit.detection.rules import event_of, everywhere, loaded, tried

HEAD = "title: t\nlogsource: {category: any}\ndetection:\n"


@pytest.fixture
def holds(tmp_path):
    """Whether a detection (YAML without indentation) holds on fields."""

    def ask(detection: str, fields, raw: str = "a line") -> bool:
        lines = detection.strip("\n").splitlines()
        if not any(line.startswith("condition") for line in lines):
            lines.append("condition: s")
        rules = loaded(tmp_path, HEAD, *(f"  {line}\n" for line in lines))
        return bool(everywhere(rules).match([event_of(fields, raw)]))

    return ask


def one(entry: str) -> str:
    return f"s:\n  {entry}"


CASES = [
    # entry, fields, whether it holds
    ("Initiated: 'true'", {"Initiated": True}, True),
    ("Initiated: true", {"Initiated": "True"}, True),
    ("Initiated: 1", {"Initiated": True}, False),
    ("Initiated: 'true'", {"Initiated": 1}, False),
    ("EventID: 13", {"EventID": "13"}, True),
    ("EventID: '13'", {"EventID": 13}, True),
    ("EventID: 13", {"EventID": 13.0}, True),
    ("EventID: 13", {"EventID": "013"}, False),
    ("LogonId: 999", {"LogonId": "0x3e7"}, False),
    ("LogonId: '0x3e7'", {"LogonId": "0x3E7"}, True),
    ("a: null", {}, True),
    ("a: null", {"a": ""}, False),
    ("a: ''", {"a": ""}, True),
    ("a: ''", {}, False),
    ("a: [null, '']", {}, True),
    ("a: [null, '']", {"a": ""}, True),
    ("a: [null, '']", {"a": "x"}, False),
    ("a: '*'", {"a": ""}, True),
    ("a: '*'", {}, False),
    ("a: '?*'", {"a": ""}, False),
    ("a|exists: true", {"a": ""}, True),
    ("a|exists: false", {"a": ""}, False),
    ("a|exists: false", {}, True),
    ("Channel: Security", {"Channel": "security"}, True),
    ("a: ĐĂNG NHẬP", {"a": "đăng nhập"}, True),
    ("a|contains: straße", {"a": "die STRASSE"}, True),
    ("a|contains: ΟΔΟΣ", {"a": "x οδος y"}, True),
    ("a|cased: Abc", {"a": "abc"}, False),
    ("a|contains|cased: Abc", {"a": "xAbcx"}, True),
    ("a|windash|cased: ' -E '", {"a": " /e "}, False),
    ("a|windash|cased: ' -E '", {"a": " /E "}, True),
    (r"a: 'C:\\*\x'", {"a": r"C:\y\x"}, True),
    (r"a: 'C:\*x'", {"a": "C:*x"}, True),
    (r"a: 'C:\*x'", {"a": "C:\\yx"}, False),
    (r"a: 'C:\\*x'", {"a": "C:\\yx"}, True),
    (r"a|contains: '\'", {"a": "a\\b"}, True),
    (r"a|contains: 'Temp\'", {"a": "C:\\Temp\\x"}, True),
    (r"a: '\\\\host\share'", {"a": "\\\\host\\share"}, True),
    (r"a: 'a\?c'", {"a": "abc"}, False),
    (r"a: 'a?c'", {"a": "abc"}, True),
    ("a: 'a*c*e'", {"a": "abcde"}, True),
    ("a: 'a*c*e'", {"a": "abced"}, False),
    ("a: 'ab*b'", {"a": "ab"}, False),
    ("a: 'a*'", {"a": "a\nb"}, True),
    ("a|contains|windash: ' -e '", {"a": "x /E y"}, True),
    ("a|contains|windash: ' /e '", {"a": "x –e y"}, True),
    ("a|contains|windash: 'a-e'", {"a": "a/e"}, False),
    ("a|contains|all|windash: [' -a', ' -b']", {"a": "x /a —b"}, True),
    ("a|contains|all: [x, y]", {"a": "y x"}, True),
    ("a|contains|all: [x, y]", {"a": "x"}, False),
    ("a|contains|all: [x, y]", {"a": ["x1", "y1"]}, True),
    ("a|contains: x", {"a": ["y", "xz"]}, True),
    ("a: 3", {"a": [1, 3]}, True),
    ("a|re: 'AB+'", {"a": "xabb"}, False),
    ("a|re|i: 'AB+'", {"a": "xabb"}, True),
    ("a|re: '^b'", {"a": "a\nb"}, False),
    ("a|re|m: '^b'", {"a": "a\nb"}, True),
    ("a|re: 'a.b'", {"a": "a\nb"}, False),
    ("a|re|s: 'a.b'", {"a": "a\nb"}, True),
    (r"a|re: '\*\?'", {"a": "x*?"}, True),
    ("a|cidr: 10.0.0.0/8", {"a": "10.200.1.1"}, True),
    ("a|cidr: 10.0.0.0/8", {"a": "::ffff:10.1.1.1"}, True),
    ("a|cidr: 10.0.0.0/8", {"a": "11.0.0.1"}, False),
    ("a|cidr: 10.0.0.0/8", {"a": "10.x"}, False),
    ("a|cidr: '::1/128'", {"a": "0:0:0:0:0:0:0:1"}, True),
    ("a|cidr: '::1/128'", {"a": "::2"}, False),
    ("a|cidr: '2001:db8::/32'", {"a": "2001:DB8:1::5"}, True),
    ("a|gte: 200", {"a": 200}, True),
    ("a|gt: 200", {"a": "200"}, False),
    ("a|lt: 3", {"a": "2.5"}, True),
    ("a|lt: 3", {"a": "x"}, False),
    ("a|lt: 3", {"a": True}, False),
    ("a|lt: 3", {}, False),
    ("a|fieldref: b", {"a": "X", "b": "x"}, True),
    ("a|fieldref: b", {"a": 13, "b": "13"}, True),
    ("a|fieldref: b", {"a": "X"}, False),
    ("a|fieldref: b", {}, False),
    ("a|fieldref|startswith: b", {"a": "xyz", "b": "XY"}, True),
    ("a|fieldref|endswith: b", {"a": "xyz", "b": "XY"}, False),
    ("a|neq: x", {"a": "y"}, True),
    ("a|neq: x", {"a": "X"}, False),
    ("a|neq: x", {}, True),
    ("a: '%TEMP%'", {"a": "%temp%"}, True),
    ("properties.message: x", {"properties.message": "x"}, True),
]


@pytest.mark.parametrize(("entry", "fields", "expected"), CASES, ids=[f"{case[0]} on {case[1]}" for case in CASES])
def test_value(holds, entry, fields, expected):
    assert holds(one(entry), fields) is expected


@pytest.mark.parametrize("offset", [0, 1, 2])
def test_base64offset_finds_the_words_wherever_they_stand(holds, offset):
    for word in ("/bin/bash", "mật khẩu", "ab*c", "x" * 20):
        text = base64.b64encode(b"." * offset + word.encode() + b"...").decode()
        assert holds(one(f"a|base64offset|contains: '{word.replace('*', chr(92) + '*')}'"), {"a": text})


@pytest.mark.parametrize(
    ("modifier", "encoding"), [("wide", "utf-16-le"), ("utf16be", "utf-16-be"), ("utf16", "utf-16")]
)
def test_wide_text_in_base64(holds, modifier, encoding):
    data = b"\xff\xfe" + "IEX ".encode("utf-16-le") if encoding == "utf-16" else "IEX ".encode(encoding)
    text = base64.b64encode(data).decode()
    assert holds(one(f"a|{modifier}|base64|contains: 'IEX '"), {"a": f"-enc {text}"})
    assert not holds(one(f"a|{modifier}|base64|contains: 'IEY '"), {"a": f"-enc {text}"})


def test_a_field_that_no_event_has_makes_the_comparison_false_and_its_negation_true(holds):
    detection = "s: {Image|endswith: '\\x.exe'}\nf: {ParentImage: y}\ncondition: s and not f"
    assert holds(detection, {"Image": "C:\\x.exe"})
    assert not holds(detection, {"Image": "C:\\x.exe", "ParentImage": "Y"})


def test_keywords_search_the_whole_line_in_any_case(holds):
    assert holds("s: ['Mimikatz', other]", {}, raw="run MIMIKATZ.exe")
    assert holds("s: ['mimi*exe']", {}, raw="run MIMIKATZ.exe now")
    assert not holds("s: ['mimi*now']", {}, raw="now mimikatz")
    assert holds("s: {'|all': [one, two]}", {}, raw="two ONE")
    assert not holds("s: {'|all': [one, two]}", {}, raw="one")
    assert holds("s: {'|re': 'a[0-9]b'}", {}, raw="xa7by")
    assert holds("s: [4625]", {}, raw="id=4625;")
    assert not holds("s: [mimikatz]", {"a": "mimikatz"}, raw="nothing")


def test_keywords_find_what_the_bytes_only_hold_escaped(holds):
    assert holds("s: ['say \"hi\"']", {"message": 'say "hi"'}, raw=r'{"MESSAGE":"say \"hi\""}')


def test_a_list_of_maps_is_an_or_of_ands(holds):
    detection = "s:\n  - {a: x, b: y}\n  - {c: z}"
    assert holds(detection, {"a": "x", "b": "y"})
    assert holds(detection, {"c": "z"})
    assert not holds(detection, {"a": "x"})


PRECEDENCE = [
    ("a or b and not c", "a", True),
    ("a or b and not c", "b", True),
    ("a or b and not c", "bc", False),
    ("(a or b) and not c", "ac", False),
    ("not a and b", "b", True),
    ("not (a and b)", "a", True),
    ("not a or b", "ab", True),
    ("not not a", "a", True),
    ("not 1 of (a*)", "b", None),
    ("1 of them", "b", True),
    ("all of them", "abc", True),
    ("all of them", "ab", False),
    ("any of a*", "a", True),
    ("not 1 of b*", "a", True),
    ("not all of b*", "b", False),
]


@pytest.mark.parametrize(("condition", "present", "expected"), PRECEDENCE, ids=str)
def test_condition(holds, tmp_path, condition, present, expected):
    detection = "a: {a: 1}\nb: {b: 1}\nc: {c: 1}\n_hidden: {d: 1}\n" + f"condition: {condition}"
    fields = dict.fromkeys(present, 1)
    if expected is None:
        assert tried(tmp_path, HEAD, *(f"  {line}\n" for line in detection.splitlines())).errors
    else:
        assert holds(detection, fields) is expected


def test_several_conditions_are_alternatives(holds):
    assert holds("a: {a: 1}\nb: {b: 1}\ncondition: [a, b]", {"b": 1})


REFUSED = [
    ("s: {a|expand: '%admins%'}", "placeholder"),
    ("s: {a|cidr|contains: 10.0.0.0/8}", "incompatible"),
    ("s: {a|re|contains: x}", "do not go together"),
    ("s: {a|contains|startswith: x}", "do not go together"),
    ("s: {a|contains: 13}", "incompatible"),
    ("s: {a|hour: 5}", "parts of a time"),
    ("s: {a|unknown: 5}", "Unknown modifier"),
    ("s: {a|re: '(x'}", "invalid"),
    ("s: {a|cidr: 10.1.2.3/8}", "CIDR"),
    ("s: {a: []}", "empty list"),
    ("s: {a: {b: c}}", "Unsupported type"),
    ("s: {a: 2026-11-24}", "Unsupported type"),
    ("s: {'|startswith': x}", "needs a field"),
    ("s: {a: x}\n  condition: s and t", "not defined"),
    ("s: {a: x}\n  condition: 1 of t*", "fits no selection"),
    ("s: {a: x}\n  condition: s | count() > 5", "pipe"),
    ("s: {a: x}\n  condition: s and", "Expected"),
    ("s: {a: x}\n  timeframe: 5m\n  condition: s", "timeframe"),
    ("s: {a: x}\n  condition: notepad", "not"),
]


@pytest.mark.parametrize(("detection", "reason"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_cannot_be_evaluated_is_refused_with_its_line(tmp_path, detection, reason):
    text = f"  {detection}\n" + ("" if "condition" in detection else "  condition: s\n")
    rules = tried(tmp_path, HEAD, text)
    (error,) = rules.errors
    assert rules.rules == ()
    assert reason.lower() in error.reason.en.lower()
    assert error.reason.vi != error.reason.en
    assert error.line is not None and error.line >= 3


def test_the_reason_shows_what_held_with_the_actual_values(tmp_path):
    rules = loaded(
        tmp_path,
        HEAD,
        "  login: {event.action: [ssh_login, ssh_pam], user.name|contains|all: [ro, ot]}\n",
        "  web: {url: x}\n  own: {source.ip|cidr: 10.0.0.0/8}\n  condition: (login or web) and not own\n",
    )
    fields = {"event.action": "ssh_pam", "user.name": "ROOT", "source.ip": "203.0.113.9"}
    (hit,) = everywhere(rules).match([event_of(fields)])
    login, own = hit.why.children
    assert (hit.why.kind, login.kind, login.name, own.kind) == ("and", "selection", "login", "not")
    action, name = login.children[0].children
    assert (action.field, action.operator, action.pattern, action.value) == (
        "event.action",
        "equals",
        "ssh_pam",
        "ssh_pam",
    )
    assert [(test.pattern, test.value) for test in name.children] == [("ro", "ROOT"), ("ot", "ROOT")]
    (test,) = own.children[0].children
    assert (test.field, test.operator, test.pattern, test.value) == ("source.ip", "cidr", "10.0.0.0/8", "203.0.113.9")


@pytest.mark.parametrize(
    ("value", "text"), [("x", "x"), (13, "13"), (13.0, "13"), (0.5, "0.5"), (True, "true"), (-0.0, "0"), (1e3, "1000")]
)
def test_text_of(value, text):
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13", 13),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("013", None),
        ("+1", None),
        ("1e999", None),
        ("١", None),
        ("9" * 500, None),
    ],
)
def test_number_of(text, number):
    assert number_of(text) == number


@pytest.mark.parametrize(
    ("regex", "flags", "literals"),
    [
        (r"union(?:\s|\+)+select", 0, ("select",)),
        (r"(?:'|%27).*(?:or|and)", 0, ("or", "and")),
        (r"a?b*c{0,3}", 0, ()),
        (r"(?i)admin", 0, ("adm",)),
        (r"(abc|d)?x", 0, ("x",)),
        (r"(?=abc)x", 0, ("x",)),
        (r"(?!abc)", 0, ()),
        (r"(?:abcd|x)", 0, ("abcd", "x")),
        (r"(?:abcd|x*)", 0, ()),
        (r"[ab]c", 0, ("c",)),
    ],
)
def test_necessary_literals(regex, flags, literals):
    assert set(necessary_literals(regex, flags)) == set(literals)


@pytest.mark.parametrize(
    ("regex", "found"),
    [
        ("(a+)+$", True),
        (r"(?:.*\)){1,}x", True),
        ("x(?:a|(?:b*?c)*)+", True),
        ("(?:(?>a+)+b+)*", True),
        (r"(?:\s|\+)+select", False),
        ("(ab){2,5}a+b*", False),
        ("(?:a{1,9})+", False),
        (r"(?:[a-z]++\.)+vn", False),
        (r"(?:(?>[a-z]+)\.)+vn", False),
        ("(?:a+)?b", False),
    ],
)
def test_repetition_of_repetition(regex, found):
    assert repeats_repetition(regex) is found


def test_nothing_of_the_parser_stays_with_the_rules(tmp_path):
    import gc

    rules = loaded(tmp_path, HEAD, "  s: {a|contains: [x, y], b|re: z}\n  k: [w]\n  condition: s or not k\n")
    seen, queue = set(), [rules]
    while queue:
        each = queue.pop()
        if id(each) in seen or isinstance(each, type) or type(each).__name__ == "module":
            continue
        seen.add(id(each))
        assert not type(each).__module__.startswith("sigma"), type(each)
        if type(each).__name__ == "function":
            queue += [cell.cell_contents for cell in each.__closure__ or ()]
        elif not (isinstance(each, dict) and "__builtins__" in each):
            queue += gc.get_referents(each)


def test_an_empty_or_missing_place_is_no_crash(tmp_path):
    assert load_rules([tmp_path]).rules == ()
    (error,) = load_rules([tmp_path / "missing"]).errors
    assert "no such file" in error.reason.en
