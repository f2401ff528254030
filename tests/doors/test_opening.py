"""Doors are opened by configuration, kept open when they fail, and never shut one another."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from msgspec import Struct
from typer.testing import CliRunner

from tests.makers import open_node, settings
from tocsin import settings as node_settings
from tocsin.cli import application
from tocsin.doors.door import Door, Kind, configured, secret
from tocsin.doors.opening import KINDS, keep_open, kind_named
from tocsin.errors import Misconfigured


class EasyChance:
    """Gives no bits, so that waits are their shortest."""

    def bits(self, count: int) -> int:
        """Return nothing."""
        return 0 * count


class Scripted(Door):
    """A door whose every opening is scripted."""

    def __init__(self, name: str, *openings: Callable[[], Awaitable[None]]) -> None:
        super().__init__(name)
        self.openings = list(openings)
        self.opened = 0

    async def run(self) -> None:
        """Do what the script says next."""
        self.opened += 1
        await self.openings.pop(0)()


class Config(Struct, forbid_unknown_fields=True):
    """A door's table."""

    port: int
    host: str = "127.0.0.1"


KIND = Kind(Config, lambda name, _config, _house: Scripted(name))


async def fail() -> None:
    raise OSError("the link is down")


async def misfit() -> None:
    raise Misconfigured("the password is wrong")


async def stay() -> None:
    await asyncio.Event().wait()


async def run_until(doors: list[Scripted], reached: Callable[[], bool]) -> None:
    task = asyncio.create_task(keep_open(doors, EasyChance()))
    while not reached():
        await asyncio.sleep(0)
        assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between openings take no time."""
    monkeypatch.setattr("tocsin.doors.opening._FIRST_WAIT", 0.0)


@pytest.mark.usefixtures("swift")
def test_a_door_that_fails_is_opened_again() -> None:
    """A link that is down twice is up the third time."""
    door = Scripted("a", fail, fail, stay)
    asyncio.run(run_until([door], lambda: door.opened == 3))


@pytest.mark.usefixtures("swift")
def test_a_door_that_fails_leaves_the_others_open() -> None:
    """The one stays while the other comes and goes."""
    steady, shaky = Scripted("a", stay), Scripted("b", *[fail] * 5, stay)
    asyncio.run(run_until([steady, shaky], lambda: shaky.opened == 6))
    assert steady.opened == 1


def test_a_misconfigured_door_stays_shut() -> None:
    """What can never work is not tried again; the others stay open."""
    wrong, right = Scripted("a", misfit), Scripted("b", stay)
    asyncio.run(run_until([wrong, right], lambda: wrong.opened == right.opened == 1))
    assert wrong.opened == 1


def test_every_kind_states_itself() -> None:
    """Each kind's module can be imported and its configuration refuses what it does not know."""
    assert KINDS
    for name in KINDS:
        kind = kind_named(name)
        assert kind.config.__struct_config__.forbid_unknown_fields, name
        assert (kind.config.__doc__ or "").strip(), name


@pytest.mark.parametrize("table", [{}, {"port": "x"}, {"port": 1, "colour": "red"}])
def test_a_table_that_cannot_work_is_named(table: dict[str, object]) -> None:
    """A field that is missing, of the wrong type or unknown stops the node, with the door's name."""
    with pytest.raises(Misconfigured, match="'gate'"):
        configured(KIND, "gate", table)


def test_an_unknown_kind_is_named(tmp_path: Path) -> None:
    """The message says which kinds there are."""
    values = node_settings.Settings({"data": str(tmp_path)}, {"gate": {"kind": "pigeon"}})
    with pytest.raises(Misconfigured, match=r"'pigeon'.*known"), open_node(values):
        pass


@pytest.mark.parametrize("written", ["doors = 3", '[doors]\ngate = "smpp"'])
def test_doors_that_are_no_tables_are_refused(tmp_path: Path, written: str) -> None:
    """A door is a table."""
    (tmp_path / "tocsin.toml").write_text(written, encoding="utf-8")
    with pytest.raises(Misconfigured, match="table"):
        node_settings.load({"data": str(tmp_path)}, {})


def test_secrets_come_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret may stand in the environment or in a file; one that is not there is named."""
    monkeypatch.setenv("SMSC_PASSWORD", "one")
    (tmp_path / "secret").write_text("two\n", encoding="utf-8")
    assert secret("env:SMSC_PASSWORD") == "one"
    assert secret(f"file:{tmp_path / 'secret'}") == "two"
    assert secret("three") == "three"
    with pytest.raises(Misconfigured):
        secret("env:NOT_THERE")
    with pytest.raises(Misconfigured):
        secret(f"file:{tmp_path / 'nothing'}")


def test_the_command_lists_kinds_and_doors(tmp_path: Path) -> None:
    """What is configured is shown without opening it."""
    (tmp_path / "tocsin.toml").write_text('[doors.gate]\nkind = "handset"\n', encoding="utf-8")
    shown = CliRunner().invoke(application(), ["doors", "--data", str(tmp_path)])
    assert shown.exit_code == 0
    assert "gate\thandset" in shown.output


def test_a_door_that_is_not_configured_cannot_be_run(tmp_path: Path) -> None:
    """The command names it and stops."""
    ran = CliRunner().invoke(application(), ["door", "gate", "--data", str(tmp_path)])
    assert isinstance(ran.exception, Misconfigured)


def test_a_node_without_doors_has_none(tmp_path: Path) -> None:
    """Every door is on by configuration only."""
    with open_node(settings(tmp_path)) as node:
        assert node.doors == []
