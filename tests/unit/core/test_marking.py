import pytest

from core.marking import Marking, read_marking, strictest


@pytest.mark.parametrize(
    ("label", "marking"),
    [
        ("TLP:CLEAR", Marking.CLEAR),
        ("TLP:WHITE", Marking.CLEAR),
        (" tlp:green ", Marking.GREEN),
        ("amber", Marking.AMBER),
        ("TLP:AMBER+STRICT", Marking.AMBER_STRICT),
        ("TLP:RED", Marking.RED),
        ("TLP:PURPLE", Marking.RED),
        ("", Marking.RED),
        (None, Marking.RED),
    ],
)
def test_a_label_is_read_and_the_unknown_is_red(label, marking):
    assert read_marking(label) is marking


@pytest.mark.parametrize("marking", Marking)
def test_a_label_is_read_back(marking):
    assert read_marking(marking.label) is marking


def test_the_whole_is_as_strict_as_its_strictest_part():
    assert strictest([Marking.GREEN, Marking.AMBER_STRICT, Marking.AMBER]) is Marking.AMBER_STRICT
    assert strictest([]) is Marking.RED
