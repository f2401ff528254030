"""`tocsin doors` says which doors are configured; `tocsin door NAME…` runs some in a process of their own."""

from typing import Annotated

import typer

Data = Annotated[str | None, typer.Option(help="Data folder.")]


def doors(
    data: Data = None, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the kinds of doors and the doors that are configured."""
    import msgspec  # noqa: PLC0415 - keeps `--help` quick

    from tocsin import settings  # noqa: PLC0415
    from tocsin.doors.opening import KINDS  # noqa: PLC0415

    configured = {
        name: str(table.get("kind", "")) for name, table in settings.load({"data": data}).doors.items()
    }
    if as_json:
        typer.echo(msgspec.json.encode({"kinds": sorted(KINDS), "doors": configured}).decode())
        return
    typer.echo(f"kinds: {', '.join(sorted(KINDS))}")
    for name, kind in configured.items():
        typer.echo(f"{name}\t{kind}")


def door(
    names: Annotated[list[str], typer.Argument(help="Doors of tocsin.toml.")], data: Data = None
) -> None:
    """Run doors by themselves, without the web pages, on the node's ledger."""
    import asyncio  # noqa: PLC0415 - keeps `--help` quick

    from tocsin import settings  # noqa: PLC0415
    from tocsin.doors.opening import keep_open  # noqa: PLC0415
    from tocsin.errors import Misconfigured  # noqa: PLC0415
    from tocsin.logs import configure  # noqa: PLC0415
    from tocsin.node import open_node  # noqa: PLC0415

    values = settings.load({"data": data})
    configure(values.log)
    if unknown := set(names) - set(values.doors):
        raise Misconfigured(f"no door is called {', '.join(sorted(unknown))}")
    values.doors = {name: values.doors[name] for name in names}
    with open_node(values) as node:
        try:
            asyncio.run(keep_open(node.doors, node.chance))
        except KeyboardInterrupt:
            return


def register(app: typer.Typer) -> None:
    """Add these verbs."""
    app.command()(doors)
    app.command()(door)
