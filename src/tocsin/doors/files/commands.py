"""`tocsin import`: files of reports, through the real desk."""

from pathlib import Path
from typing import Annotated

import typer


def import_files(
    files: Annotated[list[Path], typer.Argument(help="Files, also .gz.", exists=True, dir_okay=False)],
    file_format: Annotated[str, typer.Option("--format", help="jsonl, csv or ftc-dnc.")] = "jsonl",
    channel: Annotated[str, typer.Option(help="For lines that name none.")] = "",
    jurisdiction: Annotated[str, typer.Option(help="For lines that name none.")] = "",
    renames: Annotated[list[str] | None, typer.Option("--map", help="their=our column name.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="Where to write what was refused, and why.")] = None,
    data: Annotated[str | None, typer.Option(help="Data folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Import files of reports; a file imported twice counts once. Exits with 2 when a line was refused."""
    import msgspec  # noqa: PLC0415 - keeps `--help` quick

    from tocsin import settings  # noqa: PLC0415
    from tocsin.doors.files.importing import Order, run  # noqa: PLC0415
    from tocsin.node import open_node  # noqa: PLC0415

    order = Order(file_format, channel, jurisdiction, tuple(renames or ()), rejects)
    with open_node(settings.load({"data": data})) as node:
        summary = run(node.desk.take, files, order)
    if as_json:
        typer.echo(msgspec.json.encode(summary).decode())
    else:
        typer.echo(
            f"{summary.taken:,} taken, {summary.duplicates:,} known already, {summary.refused:,} refused"
        )
        if summary.unused:
            typer.echo(f"columns not used: {', '.join(summary.unused)}")
    raise typer.Exit(2 if summary.refused else 0)


def register(app: typer.Typer) -> None:
    """Add this door's verb."""
    app.command("import")(import_files)
