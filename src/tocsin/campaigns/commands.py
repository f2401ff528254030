"""The campaigns' verb."""

from typing import Annotated

import typer


def campaigns(
    limit: Annotated[int, typer.Option(help="How many, 1 to 100.")] = 20,
    order: Annotated[str, typer.Option(help="newest or largest.")] = "largest",
    channel: Annotated[str, typer.Option(help="This channel's only; needs --order newest.")] = "",
    data: Annotated[str | None, typer.Option(help="Data folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List campaigns."""
    import msgspec  # noqa: PLC0415 - keeps `--help` quick

    from tocsin.campaigns import store  # noqa: PLC0415
    from tocsin.campaigns.api import public  # noqa: PLC0415
    from tocsin.storage.reading import ledger  # noqa: PLC0415

    with ledger(data) as connection:
        found = store.page(connection, order, limit, channel=channel).campaigns
    if as_json:
        typer.echo(msgspec.json.encode([public(one) for one in found]).decode())
        return
    for one in found:
        text = " ".join(one.example.split())[:70]
        typer.echo(f"{one.reports:>8,}  {one.channel:<8} {one.language:<4} {one.category:<24} {text}")


def register(app: typer.Typer) -> None:
    """Add this room's verb."""
    app.command()(campaigns)
