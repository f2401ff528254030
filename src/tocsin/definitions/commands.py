"""`tocsin define`: one message by national definitions."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.definitions.questions import Question


def define(
    file: Annotated[str, typer.Argument(help="A JSON question, or a message's text; - is standard input.")],
    jurisdiction: Annotated[str, typer.Option(help="Codes such as SA,KR,CA; empty asks all.")] = "",
    channel: Annotated[str, typer.Option(help="Of a message that is plain text.")] = "sms",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Judge one message by national definitions, criterion by criterion."""
    import msgspec  # noqa: PLC0415 - keeps `--help` quick

    from tocsin.definitions.questions import answer  # noqa: PLC0415
    from tocsin.screening.screener import Screener  # noqa: PLC0415
    from tocsin.screening.snapshot import load_snapshot  # noqa: PLC0415

    question = _question(file, channel)
    codes = [code for code in jurisdiction.split(",") if code.strip()] or question.jurisdictions
    question = msgspec.structs.replace(question, jurisdictions=codes)
    for one in answer(question, Screener(), load_snapshot()):
        if as_json:
            typer.echo(msgspec.json.encode(one).decode())
            continue
        doubt = "" if one.verified else "  (not verified)"
        typer.echo(f"{one.jurisdiction}  {one.spam.value:<8}  {one.definition}{doubt}")
        for finding in one.findings:
            row = (finding.role, finding.criterion, finding.outcome.value, finding.rests_on, finding.detail)
            typer.echo("    {:<7}{:<23}{:<9}{:<11}{}".format(*row).rstrip())


def _question(file: str, channel: str) -> "Question":
    import sys  # noqa: PLC0415 - keeps `--help` quick
    from pathlib import Path  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    from tocsin.definitions.questions import Question  # noqa: PLC0415
    from tocsin.errors import Rejected  # noqa: PLC0415
    from tocsin.screening.api import LONGEST  # noqa: PLC0415

    most = 8 * LONGEST
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(most)
        else:
            with Path(file).open("rb") as stream:
                raw = stream.read(most)
        if raw.lstrip().startswith(b"{"):
            return msgspec.json.decode(raw, type=Question)
        return msgspec.convert({"content": raw.decode("utf-8-sig"), "channel": channel}, Question)
    except OSError as error:
        raise Rejected("file.unreadable", "file", f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Rejected("file.utf8", "file", "not UTF-8") from error
    except msgspec.MsgspecError as error:
        raise Rejected("question.invalid", "file", str(error)[:200]) from error


def register(app: typer.Typer) -> None:
    """Add this room's verb."""
    app.command()(define)
