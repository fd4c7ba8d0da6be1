"""The command line as a whole: what it lists, what it loads, how it refuses."""

import os
import subprocess
import sys
from pathlib import Path

import click
import psycopg
import pytest
from babel.messages.mofile import read_mo
from click.testing import CliRunner

from kept.cli import COMMANDS, LazyCommands, commands
from kept.cli.messages import compile_catalogues
from kept.cli.shell import sentence_for

HELP = "import sys; sys.argv = ['kept', '--help']; from kept.cli import main\n"


def test_help_lists_the_commands_and_loads_none_of_them() -> None:
    program = HELP + (
        "try: main()\n"
        "except SystemExit: print([m for m in ('django', 'psycopg', 'polars') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert "up Run the database, the web server and the worker until Ctrl-C." in lines
    assert said.endswith("[]\n")


def test_every_listed_command_loads_and_explains_itself() -> None:
    assert isinstance(commands, LazyCommands)
    context = click.Context(commands)
    for name in commands.list_commands(context):
        command = commands.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert CliRunner().invoke(command, ["--help"]).exit_code == 0
    assert set(commands.list_commands(context)) <= set(COMMANDS)


def test_an_unknown_command_is_refused() -> None:
    refused = CliRunner().invoke(commands, ["collect"])
    assert refused.exit_code == 2
    assert "No such command 'collect'" in refused.output


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["key", "rotate", "--help"], 0, "用新的数据密钥重新加密全部内容"),
        (["backup", "--help"], 0, "只归档数据库到目前为止的日志"),
        (["months", "--help"], 0, "显示此帮助后退出"),
        (["restore"], 2, "错误：缺少参数 'SOURCE'"),
        (["collect"], 2, "没有命令 'collect'"),
        (["backup", "--kep", "3"], 2, "您是否想用 '--help', '--keep'？"),
        (["key", "import"], 2, "无法读取密钥：第 1 行输入有误"),
        (["restore", ".", "--at", "noon"], 2, "'noon' 不是带时区的时刻"),
    ],
)
def test_a_command_speaks_the_language_of_the_installation(
    arguments: list[str], code: int, said: str, tmp_path: Path
) -> None:
    environment = {**os.environ, "KEPT_LANGUAGE": "zh-hans", "KEPT_HOME": str(tmp_path)}
    environment["KEPT_DATA_KEY"] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    done = subprocess.run(
        [sys.executable, "-m", "kept.cli", *arguments],
        env=environment,
        input="kept data key 1, fingerprint 3f0c9d21a7be\nline 1   K7QM2\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done


def test_errors_of_the_database_get_a_sentence(database_url: str) -> None:
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.Error) as absent:
        connection.execute("SELECT * FROM no_such_table")
    assert sentence_for(absent.value) == (
        "The tables are not those of this kept: run `kept migrate`, then try again."
    )
    wrapped = RuntimeError("as Django wraps it")
    wrapped.__cause__ = psycopg.errors.DiskFull("could not extend file")
    assert sentence_for(wrapped) == (
        "The disk of the database is full: make room, then give the command again."
    )
    assert sentence_for(ValueError("a fault")) is None


def test_catalogues_compile_without_gettext(tmp_path: Path) -> None:
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    entry = 'msgid "Worklist"\nmsgstr "作业池"\n'
    (folder / "django.po").write_text(header + entry, encoding="utf-8")
    assert compile_catalogues(tmp_path) == [folder / "django.mo"]
    with (folder / "django.mo").open("rb") as file:
        message = read_mo(file).get("Worklist")
    assert message is not None
    assert message.string == "作业池"
