"""`tocsin import`: files of reports, through the real desk."""

from pathlib import Path
from typing import Annotated

import typer


def import_files(
    files: Annotated[list[Path], typer.Argument(help="Files, also .gz, or folders.", exists=True)],
    file_format: Annotated[
        str, typer.Option("--format", help="jsonl, csv, ftc-dnc, misp, stix, mbox, maildir or eml.")
    ] = "jsonl",
    channel: Annotated[str, typer.Option(help="For lines that name none.")] = "",
    jurisdiction: Annotated[str, typer.Option(help="For lines that name none.")] = "",
    renames: Annotated[list[str] | None, typer.Option("--map", help="their=our column name.")] = None,
    source: Annotated[
        str, typer.Option(help="consumer_report, trap, filter_decision, operator_return or survey.")
    ] = "consumer_report",
    rejects: Annotated[Path | None, typer.Option(help="Where to write what was refused, and why.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on where this import was interrupted.")] = False,
    data: Annotated[str | None, typer.Option(help="Data folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Import files of reports; a file imported twice counts once. Exits with 2 when a line was refused."""
    import msgspec  # noqa: PLC0415 - keeps `--help` quick

    from tocsin import settings  # noqa: PLC0415
    from tocsin.doors.files.importing import Order, run, source_named  # noqa: PLC0415
    from tocsin.node import open_node  # noqa: PLC0415

    values = settings.load({"data": data})
    order = Order(
        file_format=file_format,
        channel=channel,
        jurisdiction=jurisdiction,
        renames=tuple(renames or ()),
        rejects=rejects,
        source=source_named(source),
        places=values.folder / "imports",
        resume=resume,
    )
    with open_node(values) as node:
        summary = run(node.desk.take, files, order)
    if as_json:
        typer.echo(msgspec.json.encode(summary).decode())
    else:
        typer.echo(
            f"{summary.taken:,} taken, {summary.duplicates:,} known already, {summary.refused:,} refused"
        )
        if summary.resumed:
            typer.echo(f"went on after {summary.resumed:,} lines")
        if summary.unused:
            typer.echo(f"columns not used: {', '.join(summary.unused)}")
    raise typer.Exit(2 if summary.refused else 0)


def register(app: typer.Typer) -> None:
    """Add this door's verb."""
    app.command("import")(import_files)
