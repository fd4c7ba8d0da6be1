"""HTTP calls to other systems: one signed POST, to an address that may be called.

Knows no tables and no retries. A call goes to the very address that was checked (the name is not
looked up a second time), follows no redirect, and reads little of the answer. Private and loopback
addresses are refused unless the caller allows them, so that nobody who may name a subscriber can
reach into the house's own network.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

__all__ = ["SIGNATURE", "Answer", "UrlRefused", "check_url", "post", "signature"]

SIGNATURE: Final = "Kept-Signature"
TIMEOUT_SECONDS: Final = 10.0
_ANSWER_BYTES_MAX: Final = 65_536


class UrlRefused(Exception):
    """An address that is not called; its argument is a code: form, scheme, name or private."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is that of HTTP, 0 where there was no answer; `reason` a code for the record."""

    status: int
    reason: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


def signature(secret: bytes, at: int, body: bytes) -> str:
    """`t=<seconds>,v1=<hex>`: HMAC-SHA-256 over the seconds since 1970, a point, and the body.

    The time is signed so that a receiver can refuse a call that somebody recorded and plays again.
    """
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def check_url(url: str, *, allows_private: bool) -> SplitResult:
    """The parts of an address that may be called, by its form; raises `UrlRefused`."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise UrlRefused("form") from None
    if not has_host or parts.username or parts.fragment or not url.isascii():
        raise UrlRefused("form")
    if parts.scheme != "https" and not (allows_private and parts.scheme == "http"):
        raise UrlRefused("scheme")
    return parts


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allows_private: bool = False
) -> Answer:
    """Send the body once; what the network does is in the answer, never an exception."""
    try:
        parts = check_url(url, allows_private=allows_private)
        connection = _connect(parts, _address(parts, allows_private=allows_private))
    except UrlRefused as refused:
        return Answer(0, f"address_{refused}")
    except (OSError, ssl.SSLError):
        return Answer(0, "no_connection")
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        answer.read(_ANSWER_BYTES_MAX)
    except (OSError, http.client.HTTPException):
        return Answer(0, "no_answer")
    finally:
        connection.close()
    return Answer(answer.status, f"http_{answer.status}")


def _address(parts: SplitResult, *, allows_private: bool) -> tuple[str, int]:
    """The first address of the name. All of them must be public, or none is trusted."""
    assert parts.hostname is not None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UrlRefused("name") from None
    addresses = [str(each[4][0]) for each in found]
    if not allows_private and not all(_is_public(each) for each in addresses):
        raise UrlRefused("private")
    return addresses[0], port


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or address
    return bool(inner.is_global) and not inner.is_multicast


def _connect(parts: SplitResult, address: tuple[str, int]) -> http.client.HTTPConnection:
    """A connection whose socket goes to the checked address, and whose name is the asked one."""
    assert parts.hostname is not None
    raw = socket.create_connection(address, timeout=TIMEOUT_SECONDS)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
    if parts.scheme == "https":
        try:
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=parts.hostname)
        except OSError:
            raw.close()
            raise
    connection.sock = raw
    return connection
