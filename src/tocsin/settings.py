"""Every setting of a node, in one table that drives the command line, the docs and the checks.

A setting comes from, strongest first: a command-line option, the environment (`TOCSIN_PORT`), the file
`tocsin.toml` in the data folder, its default. A name that is not in the table stops the node. The file's
tables `[doors.NAME]` configure the doors (`tocsin.doors`).
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tocsin.errors import Misconfigured


class Setting(NamedTuple):
    """One row: name, default (whose type is the setting's type) and what it does."""

    name: str
    default: str | int
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("data", "data", "folder for the database, keys and lake"),
    Setting("database", "", "SQLAlchemy URL; empty is SQLite in the data folder"),
    Setting("host", "127.0.0.1", "address to listen on"),
    Setting("port", 5252, "port to listen on"),
    Setting("member", "local", "this member's name, a dimension of its statistics"),
    Setting("jurisdiction", "ZZ", "ISO 3166-1 alpha-2 of reports that name none; ZZ is unknown"),
    Setting("desk_batch", 1000, "most reports in one transaction"),
    Setting("desk_queue", 20_000, "most reports waiting for the desk before it says later"),
    Setting("duplicate_window_h", 24, "hours in which the same words by the same reporter are one report"),
    Setting("content_limit", 100_000, "longest content of a report, in characters"),
    Setting("body_limit", 20_000_000, "longest HTTP request body, in bytes"),
    Setting("log", "info", "debug, info, warning or error"),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


class Settings:
    """The values in force; each is an attribute, such as `settings.port`.

    Args:
        values: every setting's value, by name.
        doors: each configured door's table, by its name.
    """

    data: str
    database: str
    host: str
    port: int
    member: str
    jurisdiction: str
    desk_batch: int
    desk_queue: int
    duplicate_window_h: int
    content_limit: int
    body_limit: int
    log: str
    doors: Mapping[str, Mapping[str, object]]

    def __init__(
        self, values: Mapping[str, str | int], doors: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        for setting in SETTINGS:
            setattr(self, setting.name, values.get(setting.name, setting.default))
        self.doors = doors or {}

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(self.data)

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the ledger."""
        return self.database or f"sqlite:///{self.folder / 'tocsin.db'}"


def load(options: Mapping[str, str | int | None], environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings in force.

    Args:
        options: values given on the command line; None where none was given.
        environ: the environment, by default the process's.

    Raises:
        Misconfigured: an unknown name, or a value of the wrong type.
    """
    environ = os.environ if environ is None else environ
    prefix = "TOCSIN_"
    given = {name: value for name, value in options.items() if value is not None}
    surroundings = {
        name.removeprefix(prefix).lower(): value for name, value in environ.items() if name.startswith(prefix)
    }
    folder = given.get("data") or surroundings.get("data") or _BY_NAME["data"].default
    file = Path(str(folder)) / "tocsin.toml"
    written: dict[str, object] = {}
    if file.exists():
        try:
            written = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise Misconfigured(f"{file.name} is not TOML: {error}") from error
    doors = _doors(written.pop("doors", {}))
    values = written | surroundings | given
    return Settings({name: _typed(name, value) for name, value in values.items()}, doors)


def _doors(written: object) -> dict[str, dict[str, object]]:
    if isinstance(written, dict) and all(isinstance(table, dict) for table in written.values()):
        return written
    raise Misconfigured("a door is configured by a table [doors.NAME]")


def _typed(name: str, value: object) -> str | int:
    setting = _BY_NAME.get(name)
    if setting is None:
        raise Misconfigured(f"no setting is called {name!r}; known: {', '.join(sorted(_BY_NAME))}")
    try:
        return type(setting.default)(value)  # type: ignore[call-overload]
    except (TypeError, ValueError) as error:
        raise Misconfigured(f"{name} must be {type(setting.default).__name__}") from error
