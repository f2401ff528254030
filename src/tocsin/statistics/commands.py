"""The statistics' verb."""

from typing import Annotated

import typer

_COUNTS = ("day", "day_before", "week", "reporters")


def statistics(
    source: Annotated[str, typer.Option(help="consumer_report, simulation, …")] = "consumer_report",
    channel: Annotated[str, typer.Option(help="Count this channel only.")] = "",
    data: Annotated[str | None, typer.Option(help="Data folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the first figures of the last day and week."""
    import msgspec  # noqa: PLC0415 - keeps `--help` quick

    from tocsin.errors import Rejected  # noqa: PLC0415
    from tocsin.ports import SystemClock  # noqa: PLC0415
    from tocsin.records import Source  # noqa: PLC0415
    from tocsin.statistics import store  # noqa: PLC0415
    from tocsin.storage.reading import ledger  # noqa: PLC0415

    if source not in set(Source):
        raise Rejected("source.unknown", "source", f"one of {', '.join(Source)}")
    with ledger(data) as connection:
        figures = store.summary(connection, SystemClock().now(), source, channel)
    if as_json:
        typer.echo(msgspec.json.encode(figures).decode())
        return
    for name in _COUNTS:
        typer.echo(f"{name:<12} {_said(getattr(figures, name))}")
    for item in (*figures.channels, *figures.classes):
        typer.echo(f"  {item.value:<14} {_said(item.count)}")


def _said(count: int | None) -> str:
    return "withheld" if count is None else f"{count:,}"


def register(app: typer.Typer) -> None:
    """Add this room's verb."""
    app.command()(statistics)
