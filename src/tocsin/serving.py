"""`tocsin serve`: a node on the web with its doors; `tocsin door`: some doors in a process of their own."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.node import Node
    from tocsin.settings import Settings

Data = Annotated[str | None, typer.Option(help="Data folder.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.")]


def serve(
    data: Data = None,
    host: Host = None,
    port: Port = None,
    database: Annotated[str | None, typer.Option(help="SQLAlchemy URL; empty is SQLite.")] = None,
) -> None:
    """Run a node until it is interrupted."""
    from tocsin import settings  # noqa: PLC0415 - keeps `--help` quick

    values = settings.load({"data": data, "host": host, "port": port, "database": database})
    node = _open(values)
    typer.echo(f"Tocsin is at http://{values.host}:{values.port} . Open it in a browser; stop with Ctrl-C.")
    typer.echo(f"API: http://{values.host}:{values.port}/api/v1/openapi  Data: {values.folder}")
    _run(node, rooms=True)


def door(
    names: Annotated[list[str], typer.Argument(help="Doors of tocsin.toml.")],
    data: Data = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Run doors by themselves on the node's ledger: their links, their HTTP routes, and health."""
    from tocsin import settings  # noqa: PLC0415 - keeps `--help` quick
    from tocsin.errors import Misconfigured  # noqa: PLC0415

    values = settings.load({"data": data, "host": host, "port": port})
    if unknown := set(names) - set(values.doors):
        raise Misconfigured(f"no door is called {', '.join(sorted(unknown))}")
    values.doors = {name: values.doors[name] for name in names}
    node = _open(values)
    typer.echo(f"Doors: {', '.join(names)}. Health at http://{values.host}:{values.port}/healthz")
    _run(node, rooms=False)


def doors(
    data: Data = None, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the kinds of doors and the doors that are configured."""
    import msgspec  # noqa: PLC0415 - keeps `--help` quick

    from tocsin import settings  # noqa: PLC0415
    from tocsin.doors.opening import KINDS  # noqa: PLC0415

    tables = settings.load({"data": data}).doors
    configured = {name: str(table.get("kind", "")) for name, table in tables.items()}
    if as_json:
        typer.echo(msgspec.json.encode({"kinds": sorted(KINDS), "doors": configured}).decode())
        return
    typer.echo(f"kinds: {', '.join(sorted(KINDS))}")
    for name, kind in configured.items():
        typer.echo(f"{name}\t{kind}")


def _open(values: "Settings") -> "Node":
    from tocsin.logs import configure  # noqa: PLC0415 - keeps `--help` quick
    from tocsin.node import Node  # noqa: PLC0415

    configure(values.log)
    # The desk's thread and the web's give way to each other ten times as often as by default: each waits
    # for the other less than it would wait for the disk.
    sys.setswitchinterval(0.0005)
    return Node(values)


def _run(node: "Node", *, rooms: bool) -> None:
    import uvicorn  # noqa: PLC0415 - keeps `--help` quick

    uvicorn.run(
        node.app(rooms=rooms),
        host=node.settings.host,
        port=node.settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def register(app: typer.Typer) -> None:
    """Add this module's verbs."""
    for verb in (serve, door, doors):
        app.command()(verb)
