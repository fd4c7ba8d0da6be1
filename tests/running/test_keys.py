"""The key files: made once, closed to others, never replaced."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kept.core.key_rings import KeyRing
from kept.running.errors import KeyFileError
from kept.running.keys import key_ring, read_or_make, secret_key
from kept.running.settings import Settings, load_settings


def test_keys_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    first = (secret_key(settings), key_ring(settings))
    assert len(first[0]) == 64
    assert len(first[1].sealing.secret) == 32
    assert (secret_key(settings), key_ring(settings)) == first
    assert stat.S_IMODE((tmp_path / "var" / "keys").stat().st_mode) == 0o700
    for name in ("secret_key", "data_key"):
        assert stat.S_IMODE((tmp_path / "var" / "keys" / name).stat().st_mode) == 0o600


def test_a_setting_takes_over_from_the_file(tmp_path: Path) -> None:
    environ = {
        "KEPT_HOME": str(tmp_path),
        "KEPT_SECRET_KEY": "s" * 40,
        "KEPT_DATA_KEY": "A" * 43 + "=",
    }
    settings = load_settings(environ)
    assert secret_key(settings) == "s" * 40
    assert key_ring(settings) == KeyRing.single(bytes(32))
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_can_open_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = read_or_make(path, lambda: "one")
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match=r"mode 0640.*chmod 600"):
        read_or_make(path, lambda: "two")
    path.chmod(0o600)
    assert read_or_make(path, lambda: "two") == made == "one"


@pytest.mark.parametrize("damage", ["", "short", "x" * 44, "\xff\xfe"])
def test_a_damaged_data_key_is_never_replaced(tmp_path: Path, damage: str) -> None:
    settings = Settings(home=tmp_path)
    key_ring(settings)
    path = tmp_path / "keys" / "data_key"
    path.write_bytes(damage.encode("latin-1"))
    with pytest.raises(KeyFileError, match="put the copy of the key back"):
        key_ring(settings)
    assert path.read_bytes() == damage.encode("latin-1")


def test_starts_at_the_same_moment_agree_on_one_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kept.running.keys import *\n"
        "sys.stdin.read()\n"
        "print(read_or_make(Path(sys.argv[1]), new_password))"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "keys" / "key")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(8)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.close()
    answers = {racer.stdout.read() for racer in racers if racer.stdout is not None}
    assert [racer.wait() for racer in racers] == [0] * 8
    assert len(answers) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["key"]
