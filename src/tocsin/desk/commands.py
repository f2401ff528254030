"""The desk's verbs: report, status, backup, restore, check, rotate-key."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[str | None, typer.Option(help="Data folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def report(
    content: Annotated[str, typer.Argument(help="The message; - reads standard input.")] = "",
    channel: Annotated[str, typer.Option(help="sms, email, voice, im, …")] = "sms",
    sender: Annotated[str, typer.Option(help="Number, name, address or link it came from.")] = "",
    reporter: Annotated[str, typer.Option(help="Who reports; stored as a pseudonym only.")] = "",
    jurisdiction: Annotated[str, typer.Option(help="Two letters of ISO 3166-1.")] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Report one message and print the ticket."""
    import sys  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    from tocsin import settings  # noqa: PLC0415
    from tocsin.errors import Rejected  # noqa: PLC0415
    from tocsin.node import open_node  # noqa: PLC0415
    from tocsin.records import Envelope, Submission  # noqa: PLC0415

    text = sys.stdin.read() if content == "-" else content
    submission = Submission(
        channel=channel, content=text, sender=sender, reporter=reporter, jurisdiction=jurisdiction
    )
    with open_node(settings.load({"data": data})) as node:
        answer = node.desk.take([(submission, Envelope(door="cli"))])[0]
    if isinstance(answer, Rejected):
        raise answer
    typer.echo(msgspec.json.encode(answer).decode() if as_json else f"ticket {answer.ticket}")


def backup(file: Annotated[Path, typer.Argument(help="The archive to write.")], data: Data = None) -> None:
    """Write the whole ledger to one archive, while the node runs."""
    from tocsin import settings  # noqa: PLC0415
    from tocsin.storage.backup import back_up  # noqa: PLC0415
    from tocsin.storage.engine import Storage  # noqa: PLC0415

    _print_counts(back_up(Storage(settings.load({"data": data}).database_url), file))
    typer.echo("The pseudonym keys are not in it: copy pseudonym.keys from the data folder apart from it.")


def restore(file: Annotated[Path, typer.Argument(help="The archive to read.")], data: Data = None) -> None:
    """Fill an empty ledger from an archive."""
    from tocsin import settings  # noqa: PLC0415
    from tocsin.storage import backup as archive  # noqa: PLC0415
    from tocsin.storage.engine import Storage  # noqa: PLC0415

    values = settings.load({"data": data})
    values.folder.mkdir(parents=True, exist_ok=True)
    _print_counts(archive.restore(Storage(values.database_url), file))


def check(data: Data = None, as_json: Json = False) -> None:
    """Say whether the ledger is whole; exit with 1 when it is not."""
    import msgspec  # noqa: PLC0415

    from tocsin import settings  # noqa: PLC0415
    from tocsin.desk.whole import faults  # noqa: PLC0415
    from tocsin.storage.engine import Storage  # noqa: PLC0415

    found = faults(Storage(settings.load({"data": data}).database_url))
    if as_json:
        typer.echo(msgspec.json.encode({"whole": not found, "faults": found}).decode())
    else:
        typer.echo("\n".join(found) if found else "The ledger is whole.")
    raise typer.Exit(1 if found else 0)


def rotate_key(data: Data = None) -> None:
    """Put a new pseudonym key in use; reporters get new pseudonyms from the next start on."""
    from tocsin import settings  # noqa: PLC0415
    from tocsin.desk.pseudonyms import rotate  # noqa: PLC0415

    typer.echo(f"key {rotate(settings.load({'data': data}).folder)} is in use from the next start on")


def _print_counts(counts: dict[str, int]) -> None:
    for name, count in counts.items():
        typer.echo(f"{count:>12,}  {name}")


def register(app: typer.Typer) -> None:
    """Add the desk's verbs."""
    for verb in (report, backup, restore, check, rotate_key):
        app.command()(verb)
