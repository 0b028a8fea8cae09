"""Settings: within bounds, with a reason, every version kept, any change undone, nothing lost to a second hand."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from org.account import prove_password
from org.account_creation import create_account
from org.actor import OPERATOR
from org.log_in import Entered, Half, begin_log_in
from org.policy import IDLE_MINUTES, KNOWN_FOR, SECOND_FACTOR_ROLES, SETTINGS, forget_policy, policy_of, read_policy
from org.refused import Refused
from org.sealing import SealingKey
from org.session import find_session, open_session
from org.setting_change import (
    CHANGED_MEANWHILE,
    NO_SUCH_VERSION,
    REASON_NEEDED,
    THE_SAME,
    change_setting,
    list_settings,
    setting_history,
    undo_change,
)
from tests.unit.org.conftest import NOW, PASSWORD

IDLE_KEY, ROLES_KEY = IDLE_MINUTES.key, SECOND_FACTOR_ROLES.key


def value_of(read, key):
    return next(row.value for row in read(list_settings, OPERATOR) if row.key == key)


def test_a_change_and_its_undoing_are_kept_and_audited(write, read, person, audited):
    first = write(change_setting, person, IDLE_KEY, " 15 ", "phòng chung", 0, NOW)
    second = write(change_setting, person, IDLE_KEY, "10", "thử", first, NOW)
    assert write(undo_change, person, IDLE_KEY, second, "thử xong", second, NOW) == second + 1
    assert value_of(read, IDLE_KEY) == "15"
    assert write(undo_change, person, IDLE_KEY, first, "về mặc định", second + 1, NOW) == second + 2
    history = read(setting_history, OPERATOR, IDLE_KEY)
    told = [(change.before, change.after, change.undoes) for change in history]
    assert told == [("15", "30", first), ("10", "15", second), ("15", "10", None), ("30", "15", None)]
    assert {change.changed_by for change in history} == {"Lan"}
    assert [row[1:] for row in audited()[-4:]] == [("setting.change", f"setting:{IDLE_KEY}", "done")] * 4


def test_the_audit_has_the_diff(write, read, person):
    from sqlalchemy import select

    from org.audit import Audit

    write(change_setting, person, IDLE_KEY, "15", "phòng  chung\n", 0, NOW)
    newest = select(Audit).order_by(Audit.sequence.desc())
    detail = read(lambda session: dict(session.scalars(newest).first().detail))
    assert detail == {"before": "30", "after": "15", "reason": "phòng chung"}


@pytest.mark.parametrize("text", ["", "4", "31", "-5", "1e1", "٣٠", "15.0", "x", "999999999"])
def test_what_is_out_of_bounds_is_refused(write, read, person, text):
    assert isinstance(write(change_setting, person, IDLE_KEY, text, "x", 0, NOW), Refused)
    assert value_of(read, IDLE_KEY) == "30"


@pytest.mark.parametrize("text", ["", "analyst", "administrator, boss", "operator, administrator", "nobody"])
def test_administrators_always_need_a_second_factor_and_roles_must_be_roles(write, person, text):
    assert isinstance(write(change_setting, person, ROLES_KEY, text, "x", 0, NOW), Refused)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\x1b[2J"])
def test_a_reason_is_needed(write, person, reason):
    assert write(change_setting, person, IDLE_KEY, "15", reason, 0, NOW) == Refused(REASON_NEEDED)


def test_what_another_changed_meanwhile_is_not_written_over(write, person):
    first = write(change_setting, person, IDLE_KEY, "15", "một", 0, NOW)
    conflict = Refused(CHANGED_MEANWHILE.format(by="Lan", value="15"))
    assert write(change_setting, person, IDLE_KEY, "20", "hai", 0, NOW) == conflict
    assert write(undo_change, person, IDLE_KEY, first, "ba", 0, NOW) == conflict
    assert write(change_setting, person, IDLE_KEY, "15", "bốn", first, NOW) == Refused(THE_SAME)


def test_a_change_of_another_setting_is_not_undone_here(write, person):
    number = write(change_setting, person, IDLE_KEY, "15", "một", 0, NOW)
    refused = Refused(NO_SUCH_VERSION.format(number=number))
    assert write(undo_change, person, "org.inactive_days", number, "x", 0, NOW) == refused
    assert isinstance(write(undo_change, person, IDLE_KEY, 99, "x", number, NOW), Refused)
    assert isinstance(write(change_setting, person, "org.nope", "1", "x", 0, NOW), Refused)


def test_whoever_may_not_changes_nothing(write, read, person, audited):
    write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    minh = write(prove_password, "minh", PASSWORD, NOW)
    for answer in (
        write(change_setting, minh, IDLE_KEY, "15", "x", 0, NOW),
        write(undo_change, minh, IDLE_KEY, 1, "x", 0, NOW),
        read(list_settings, minh),
        read(setting_history, minh, IDLE_KEY),
    ):
        assert isinstance(answer, Refused)
    assert audited()[-1] == ("account:2", "setting.change", "settings", "denied")
    assert value_of(read, IDLE_KEY) == "30"


def test_sessions_end_by_the_new_limit_at_once(write, read, person):
    secret = write(open_session, person, "authenticator", NOW)
    later = NOW + timedelta(minutes=20)
    assert read(find_session, secret, later) is not None
    write(change_setting, person, IDLE_KEY, "15", "phòng chung", 0, later)
    assert read(find_session, secret, later) is None


def test_another_role_needs_a_second_factor_from_then_on(write, person):
    key = SealingKey(b"k" * 32)
    write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    assert isinstance(write(begin_log_in, "minh", PASSWORD, key, NOW), Entered)
    write(change_setting, person, ROLES_KEY, "analyst, administrator", "quy định mới", 0, NOW)
    assert isinstance(write(begin_log_in, "minh", PASSWORD, key, NOW), Half)


def test_what_another_process_changed_is_known_within_two_seconds(write, read, person):
    policy = read(policy_of, NOW)
    write(change_setting, person, IDLE_KEY, "15", "x", 0, NOW)
    read(policy_of, NOW)
    another = read(read_policy)
    assert another.idle == timedelta(minutes=15) != policy.idle

    def changed_elsewhere(session):
        from org.setting import SettingVersion

        row = session.get_one(SettingVersion, 1)
        row.after = "20"

    write(changed_elsewhere)
    assert read(policy_of, NOW + KNOWN_FOR - timedelta(seconds=1)).idle == timedelta(minutes=15)
    assert read(policy_of, NOW + KNOWN_FOR).idle == timedelta(minutes=20)
    assert read(policy_of, NOW - timedelta(days=1)).idle == timedelta(minutes=20), "a clock set back"


def test_a_kept_value_that_is_out_of_bounds_gives_way_to_the_default(write, read, person):
    write(change_setting, person, IDLE_KEY, "15", "x", 0, NOW)

    def bend(session):
        from org.setting import SettingVersion

        session.get_one(SettingVersion, 1).after = "600"
        forget_policy(session)

    write(bend)
    assert read(policy_of, NOW).idle == timedelta(minutes=30)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_value_or_a_reason(text):
    for setting in SETTINGS:
        value = setting.read(text)
        if isinstance(value, Refused):
            assert value.reason.vi
        else:
            assert setting.read(setting.write(value)) == value


def test_every_default_is_within_its_own_bounds():
    for setting in SETTINGS:
        assert setting.read(setting.write(setting.default)) == setting.default
