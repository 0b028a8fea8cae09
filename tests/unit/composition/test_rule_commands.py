"""What `canh hunt` and `canh rule` say of a refused rule is in the reader's language."""

import pytest

from tests.unit.composition.test_commands import FAILED, RULE, canh

REFUSED = "---\ntitle: Hỏng\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: t}\n"
SAID = {
    "vi_VN.UTF-8": "điều kiện nhắc đến “t” nhưng không có nhóm nào tên như vậy",
    "en_US.UTF-8": "the condition names “t”, which is not defined",
}


@pytest.mark.parametrize("locale", SAID)
def test_a_refusal(tmp_path, capsys, monkeypatch, locale):
    monkeypatch.setenv("LC_ALL", locale)
    rule, log = tmp_path / "rule.yml", tmp_path / "auth.log"
    rule.write_text(RULE + REFUSED, "utf-8")
    log.write_bytes(FAILED)
    place = f"{rule}:{RULE.count(chr(10)) + 4}: "
    assert canh(tmp_path, "hunt", "--rules", str(rule), str(log)) == 0
    assert capsys.readouterr().err == f"{place}{SAID[locale]}\n"
    assert canh(tmp_path, "rule", "lint", str(rule)) == 1
    assert SAID[locale] in capsys.readouterr().out
    assert canh(tmp_path, "rule", "test", str(rule)) == 1
    assert f"{place}{SAID[locale]}" in capsys.readouterr().out


def test_hunt_counts_folded_lines(tmp_path, capsys):
    rule, log = tmp_path / "rule.yml", tmp_path / "auth.log"
    rule.write_text(RULE, "utf-8")
    message = FAILED.strip().partition(b": ")[2]
    log.write_bytes(FAILED + FAILED.replace(message, b"message repeated 4 times: [ " + message + b"]"))
    assert canh(tmp_path, "hunt", "--rules", str(rule), str(log)) == 0
    assert '"count":5' in capsys.readouterr().out.splitlines()[-1].replace(" ", "")
