"""Calls of other systems: where they may go, what is signed, and what comes back."""

from __future__ import annotations

import hashlib
import hmac
import socket

import pytest

from kept.channels.webhooks import UrlRefused, _is_public, check_url, post, signature


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/", "scheme"),
        ("ftp://example.com/", "scheme"),
        ("file:///etc/passwd", "form"),
        ("https://", "form"),
        ("https://user:word@example.com/", "form"),
        ("https://example.com:0/", "form"),
        ("https://example.com:99999/", "form"),
        ("https://exämple.com/", "form"),
        ("https://example.com/#part", "form"),
        ("//example.com/", "scheme"),
        ("", "form"),
    ],
)
def test_addresses_that_are_not_called(url: str, code: str) -> None:
    with pytest.raises(UrlRefused, match=code):
        check_url(url, allows_private=False)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert _is_public(address) is public


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "0.0.0.0"])
def test_the_house_itself_is_not_called(host: str) -> None:
    answer = post(f"https://{host}/", b"{}", {})
    assert (answer.status, answer.is_good) == (0, False)
    assert answer.reason in {"address_private", "address_name"}


def test_what_does_not_answer_is_said_and_not_raised() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers there
        port = taken.getsockname()[1]
        answer = post(f"http://127.0.0.1:{port}/", b"{}", {}, allows_private=True)
    assert answer.reason == "no_connection"


def test_the_signature_covers_time_and_body() -> None:
    text = signature(b"secret", 1_763_798_400, b'{"a":1}')
    wanted = hmac.new(b"secret", b'1763798400.{"a":1}', hashlib.sha256).hexdigest()
    assert text == f"t=1763798400,v1={wanted}"
