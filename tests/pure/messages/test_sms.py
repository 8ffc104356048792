"""Numbers, lengths, addresses, signatures and the stop word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.messages.logic.sms import (
    WINDOW,
    gateway_from,
    gives_up,
    is_signed,
    is_stop,
    parse_gateway,
    segments,
    signature,
    sms_number,
    webhook_secrets_from,
)

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRET, OTHER = "a" * 32, "b" * 32
BODY = b'{"from": "+4791919191"}'


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("919 19 191", "+4791919191"),
        ("+47 41 41 41 41", "+4741414141"),
        ("004791919191", "+4791919191"),
        ("4791919191", "+4791919191"),
        ("+46701234567", "+46701234567"),
        # A landline, a short number, an M2M number, too short, too long, nothing.
        ("22 22 22 22", None),
        ("02800", None),
        ("+475812345678", None),
        ("+4791", None),
        ("+1234567890123456", None),
        ("+0123456789", None),
        ("", None),
    ],
)
def test_text_messages_go_to_mobile_numbers(typed, number):
    assert sms_number(typed) == number


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("å" * 160, 1),
        ("å" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        # Signs of the second table take the room of two.
        ("€" * 80, 1),
        ("€" * 81, 2),
        # One sign outside the alphabet, and all take sixteen bits.
        ("ŝ" * 70, 1),
        ("a" * 70 + "ŝ", 2),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("ŝ" * 134, 2),
        ("ŝ" * 135, 3),
    ],
)
def test_how_many_text_messages_a_text_takes(text, count):
    assert segments(text) == count


@pytest.mark.parametrize(
    "text", ["STOPP", "stopp", " Stopp! ", "S.T.O.P.P", "STOP", "slutt.", "“Stopp”", "ＳＴＯＰＰ"]
)
def test_the_stop_word_however_it_is_written(text):
    assert is_stop(text)


@pytest.mark.parametrize("text", ["", "ikke stopp", "stopp i morgen", "stoppet", "ja", "!"])
def test_other_words_are_not_it(text):
    assert not is_stop(text)


@pytest.mark.parametrize(
    "address",
    [
        "http://sms.example.test/",
        "ftp://sms.example.test/",
        "sms.example.test",
        "https:///x",
        "https://user:gul@sms.example.test/",
        "https://sms.example.test/#x",
        "http://127.0.0.1.example.test/",
    ],
)
def test_an_address_over_an_open_line_is_refused(address):
    with pytest.raises(ValueError, match="MEDVIRK_SMS") as fault:
        parse_gateway(address)

    assert "gul" not in str(fault.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_on_this_machine_the_line_may_be_open(host):
    assert parse_gateway(f"http://{host}:8000/x").is_local


@pytest.mark.parametrize(
    ("sender", "answered"),
    [("Medvirk", False), ("Fjordvik 24", False), ("2099", True), ("+4759440000", True)],
)
def test_only_a_number_can_be_answered(sender, answered):
    assert parse_gateway("https://sms.test/", sender=sender).can_be_answered == answered


@pytest.mark.parametrize("sender", ["Fjordvik kommune", "Øvre", "", "12", "+", "a\nb"])
def test_a_sender_that_no_phone_can_show_is_refused(sender):
    with pytest.raises(ValueError, match="MEDVIRK_SMS_SENDER"):
        parse_gateway("https://sms.test/", sender=sender)


def test_token_and_secrets_are_read_from_files_and_shown_nowhere(tmp_path):
    file = tmp_path / "token"
    file.write_text("gul-sykkel\n")
    environment = {"MEDVIRK_SMS": "https://sms.test/", "MEDVIRK_SMS_TOKEN_FILE": str(file)}

    gateway = gateway_from(environment)

    assert (gateway.address, gateway.token, gateway.sender) == ("https://sms.test/", "gul-sykkel", "Medvirk")
    assert "gul" not in repr(gateway)
    assert gateway_from({}) is None
    with pytest.raises(ValueError, match="cannot be read"):
        gateway_from(environment | {"MEDVIRK_SMS_TOKEN_FILE": str(tmp_path / "none")})
    file.write_text("gul\nsykkel")
    with pytest.raises(ValueError, match="one line") as fault:
        gateway_from(environment)
    assert "gul" not in str(fault.value)


def test_secrets_may_follow_one_another(tmp_path):
    file = tmp_path / "secrets"
    file.write_text(f"{SECRET}\n{OTHER}\n")

    assert webhook_secrets_from({"MEDVIRK_SMS_WEBHOOK_SECRET_FILE": str(file)}) == (SECRET, OTHER)
    assert webhook_secrets_from({}) == ()
    file.write_text("short")
    with pytest.raises(ValueError, match="at least 32"):
        webhook_secrets_from({"MEDVIRK_SMS_WEBHOOK_SECRET_FILE": str(file)})


@pytest.mark.parametrize("secret", [SECRET, OTHER])
@pytest.mark.parametrize("off", [-1, 0, 1])
def test_what_is_signed_within_the_window_is_taken(secret, off):
    at = AT + off * int(WINDOW.total_seconds())

    assert is_signed(signature(secret, at, BODY), BODY, secrets=(SECRET, OTHER), now=NOW)


@pytest.mark.parametrize(
    "header",
    [
        "",
        signature("c" * 32, AT, BODY),
        signature(SECRET, AT, BODY + b" "),
        signature(SECRET, AT - 301, BODY),
        signature(SECRET, AT + 301, BODY),
        signature(SECRET, AT, BODY).replace(f"t={AT}", f"t={AT + 1}"),
        signature(SECRET, AT, BODY).upper(),
        signature(SECRET, AT, BODY) + ",v1=" + "0" * 64,
        f"t={AT},v1=",
        f"t={'9' * 400},v1={'0' * 64}",
        f"t={AT},v1={'æ' * 64}",
    ],
)
def test_what_is_not_signed_so_is_not(header):
    assert not is_signed(header, BODY, secrets=(SECRET, OTHER), now=NOW)


def test_without_a_secret_nothing_is_signed():
    assert not is_signed(signature("", AT, BODY), BODY, secrets=(), now=NOW)


def test_a_signed_call_is_of_no_use_later():
    header = signature(SECRET, AT, BODY)

    assert not is_signed(header, BODY, secrets=(SECRET,), now=NOW + WINDOW + timedelta(seconds=1))


@given(st.text(), st.binary())
def test_whatever_is_sent_is_answered(header, body):
    assert not is_signed(header, body, secrets=(SECRET,), now=NOW)


@pytest.mark.parametrize(
    ("status", "lasting"), [(400, True), (422, True), (429, False), (409, False), (500, False)]
)
def test_which_answers_last(status, lasting):
    assert gives_up(status) == lasting
