"""When to try again, when it is night, and what a mail server's answer means."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.messages.logic import (
    LONGEST_WAIT,
    MOST_ATTEMPTS,
    NORWAY,
    Next,
    NotSent,
    Security,
    Smtp,
    Verdict,
    after_failure,
    first_run,
    is_quiet,
    next_run,
    parse_quiet_hours,
    parse_smtp,
    run_after_failure,
    smtp_from,
    verdict_on,
    wait_after,
)

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NIGHT = (time(21), time(8))
MOMENTS = st.integers(0, 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE
)


def norwegian(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=NORWAY)


def test_the_wait_grows_threefold_up_to_six_hours():
    waits = [wait_after(failures) for failures in range(1, 9)]

    assert waits[:6] == [MINUTE * n for n in (1, 3, 9, 27, 81, 243)]
    assert waits[6:] == [LONGEST_WAIT] * 2


@given(st.integers(0, 100_000))
def test_no_number_of_failures_makes_the_wait_shorter_or_endless(failures):
    assert MINUTE <= wait_after(failures) <= wait_after(failures + 1) <= LONGEST_WAIT


def test_all_attempts_together_fit_into_the_three_days_a_message_lasts():
    waited = sum((wait_after(n) for n in range(1, MOST_ATTEMPTS)), timedelta())

    assert 2 * DAY < waited < 3 * DAY


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [
        (norwegian(2026, 1, 5, 20, 59, 59), False),
        (norwegian(2026, 1, 5, 21, 0), True),
        (norwegian(2026, 1, 6, 7, 59, 59), True),
        (norwegian(2026, 1, 6, 8, 0), False),
        # 07:30 UTC is 08:30 in winter and 09:30 in summer; 06:30 UTC is before eight in winter only.
        (datetime(2026, 1, 5, 6, 30, tzinfo=UTC), True),
        (datetime(2026, 7, 5, 6, 30, tzinfo=UTC), False),
        # The night in which the clock is put forward, and the one in which it is put back.
        (datetime(2026, 3, 29, 5, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 6, 0, tzinfo=UTC), False),
        (datetime(2026, 10, 25, 6, 59, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 7, 0, tzinfo=UTC), False),
    ],
)
def test_the_night_goes_by_the_clock_on_the_wall(clock, quiet):
    assert is_quiet(clock, *NIGHT) is quiet


def test_a_rest_at_noon_and_no_rest_at_all():
    assert is_quiet(norwegian(2026, 1, 5, 12, 30), time(12), time(13))
    assert not is_quiet(norwegian(2026, 1, 5, 13), time(12), time(13))
    assert not is_quiet(norwegian(2026, 1, 5, 0), time(0), time(0))


@given(MOMENTS)
def test_somebody_can_always_be_reached_within_a_day(moment):
    assert any(not is_quiet(moment + n * HOUR, *NIGHT) for n in range(24))


def test_quiet_hours_are_read_from_text():
    assert parse_quiet_hours("21:00-08:00") == NIGHT
    assert parse_quiet_hours(" 22:30 - 07:15 ") == (time(22, 30), time(7, 15))


@pytest.mark.parametrize("text", ["", "21", "21:00", "25:00-08:00", "21:00-08:00-09:00", "night"])
def test_quiet_hours_written_otherwise_get_a_sentence(text):
    with pytest.raises(ValueError, match="write two times of day, as 21:00-08:00"):
        parse_quiet_hours(text)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (421, Verdict.RETRY), (450, Verdict.RETRY), (451, Verdict.RETRY), (452, Verdict.RETRY),
        (550, Verdict.GIVE_UP), (552, Verdict.GIVE_UP), (554, Verdict.GIVE_UP),
        # Sign-in refused: our own set-up is at fault.
        (530, Verdict.RETRY), (535, Verdict.RETRY),
        # No answer that the protocol knows.
        (0, Verdict.RETRY), (-1, Verdict.RETRY), (999, Verdict.RETRY),
    ],
)  # fmt: skip
def test_a_passing_no_is_tried_again_and_a_lasting_one_is_not(code, verdict):
    assert verdict_on(code) is verdict


def failed(**changes) -> Next:
    told = {
        "now": NOW,
        "attempts": 1,
        "expires_at": NOW + 3 * DAY,
        "reason": "smtp 451",
        "verdict": Verdict.RETRY,
    }
    return after_failure(**told | changes)


def test_what_becomes_of_a_message_that_was_not_sent():
    assert failed() == Next(NOW + MINUTE, "smtp 451")
    assert failed(attempts=3) == Next(NOW + 9 * MINUTE, "smtp 451")
    assert failed(verdict=Verdict.GIVE_UP).due_at is None
    assert failed(attempts=MOST_ATTEMPTS - 1).due_at is not None
    assert failed(attempts=MOST_ATTEMPTS).due_at is None
    assert failed(expires_at=NOW + MINUTE).due_at is None
    assert failed(expires_at=NOW + 2 * MINUTE).due_at is not None


def test_a_fault_says_its_code_and_nothing_else():
    fault = NotSent("smtp 550", Verdict.GIVE_UP)

    assert (str(fault), fault.verdict, fault.stops) == ("smtp 550", Verdict.GIVE_UP, False)


# recurring work


def test_what_is_done_every_few_minutes_is_due_at_once_and_then_again():
    assert first_run(now=NOW, at=None) == NOW
    assert next_run(started_at=NOW, every=10 * MINUTE, at=None) == NOW + 10 * MINUTE


def test_what_is_done_at_night_waits_for_its_hour():
    at = time(3, 15)

    assert first_run(now=norwegian(2026, 1, 5, 3, 0), at=at) == norwegian(2026, 1, 5, 3, 15)
    assert first_run(now=norwegian(2026, 1, 5, 3, 16), at=at) == norwegian(2026, 1, 6, 3, 15)
    assert next_run(started_at=norwegian(2026, 1, 5, 3, 15), every=DAY, at=at) == norwegian(2026, 1, 6, 3, 15)
    # Done late because no worker ran: the next night is the next.
    assert next_run(started_at=norwegian(2026, 1, 7, 14), every=DAY, at=at) == norwegian(2026, 1, 8, 3, 15)
    assert next_run(started_at=norwegian(2026, 1, 7, 14), every=7 * DAY, at=at) == norwegian(
        2026, 1, 14, 3, 15
    )


def test_it_is_the_same_hour_on_the_wall_when_the_clock_is_changed():
    at = time(3, 15)
    spring = next_run(started_at=norwegian(2026, 3, 28, 3, 15), every=DAY, at=at)
    autumn = next_run(started_at=norwegian(2026, 10, 24, 3, 15), every=DAY, at=at)

    assert spring.astimezone(UTC) == datetime(2026, 3, 29, 1, 15, tzinfo=UTC)
    assert autumn.astimezone(UTC) == datetime(2026, 10, 25, 2, 15, tzinfo=UTC)


@given(
    MOMENTS,
    st.times(),
    st.integers(1, 40),
)
def test_the_next_run_lies_ahead_and_not_too_far(started_at, at, days):
    due = next_run(started_at=started_at, every=days * DAY, at=at).astimezone(UTC)

    assert started_at < due + DAY
    assert due <= started_at + (days + 1) * DAY
    assert started_at - HOUR <= first_run(now=started_at, at=at).astimezone(UTC) <= started_at + DAY + HOUR


def test_a_duty_that_fails_is_tried_again_soon_then_rarer():
    def wait(failures, every=DAY):
        return run_after_failure(now=NOW, failures=failures, every=every) - NOW

    assert [wait(n) for n in (1, 2, 3, 4, 5, 50)] == [MINUTE, 3 * MINUTE, 9 * MINUTE, 27 * MINUTE, HOUR, HOUR]
    # What is done every few seconds is not held back for an hour.
    assert wait(50, every=timedelta(seconds=5)) == MINUTE


# the mail server's address


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("smtps://u%40x:p%2Fq@mail.test:465", Smtp("mail.test", 465, "u@x", "p/q", Security.TLS)),
        ("smtps://mail.test", Smtp("mail.test", 465, "", "", Security.TLS)),
        ("smtp://user@mail.test", Smtp("mail.test", 587, "user", "", Security.STARTTLS)),
        ("smtp+plain://127.0.0.1:1025", Smtp("127.0.0.1", 1025, "", "", Security.NONE)),
        ("smtps://[::1]:2465", Smtp("::1", 2465, "", "", Security.TLS)),
    ],
)
def test_a_mail_server_is_one_address(address, server):
    assert parse_smtp(address) == server


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("mail.test", "is written as"), ("http://mail.test", "is written as"),
        ("smtps://mail.test:port", "is written as"), ("smtps://mail.test:99999", "is written as"),
        ("smtps://", "has no host"), ("smtp+plain://u:hemmelig@mail.test", "open line"),
    ],
)  # fmt: skip
def test_what_is_no_such_address_gets_a_sentence_without_the_password(address, part):
    with pytest.raises(ValueError, match=part) as caught:
        parse_smtp(address)

    assert "hemmelig" not in str(caught.value)


def test_the_password_may_stand_in_a_file(tmp_path):
    file = tmp_path / "password"
    file.write_text("gul sykkel\n")
    environment = {"MEDVIRK_SMTP": "smtps://user@mail.test", "MEDVIRK_SMTP_PASSWORD_FILE": str(file)}

    assert smtp_from(environment) == Smtp("mail.test", 465, "user", "gul sykkel", Security.TLS)
    assert smtp_from({}) is None
    with pytest.raises(ValueError, match="cannot be read"):
        smtp_from(environment | {"MEDVIRK_SMTP_PASSWORD_FILE": str(tmp_path / "none")})
