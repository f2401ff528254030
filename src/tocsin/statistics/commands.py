"""The statistics' verb."""

from typing import Annotated

import typer


def statistics(
    source: Annotated[str, typer.Option(help="consumer_report, simulation, …")] = "consumer_report",
    data: Annotated[str | None, typer.Option(help="Data folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the first figures of the last day and week."""
    import msgspec  # noqa: PLC0415 - keeps `--help` quick

    from tocsin import settings  # noqa: PLC0415
    from tocsin.ports import SystemClock  # noqa: PLC0415
    from tocsin.statistics import store  # noqa: PLC0415
    from tocsin.storage.engine import Storage  # noqa: PLC0415
    from tocsin.storage.schema import create  # noqa: PLC0415

    storage = Storage(settings.load({"data": data}).database_url)
    create(storage)
    with storage.reading() as connection:
        figures = store.summary(connection, SystemClock().now(), source)
    if as_json:
        typer.echo(msgspec.json.encode(figures).decode())
        return
    for name in ("day", "day_before", "week", "reporters"):
        value = getattr(figures, name)
        typer.echo(f"{name:<12} {'withheld' if value is None else f'{value:,}'}")
    for item in (*figures.channels, *figures.classes):
        typer.echo(f"  {item.value:<14} {'withheld' if item.count is None else f'{item.count:,}'}")


def register(app: typer.Typer) -> None:
    """Add this room's verb."""
    app.command()(statistics)
