"""Screening's verbs: screen, train, evaluate."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def screen(
    file: Annotated[str, typer.Argument(help="A file, also .gz, or - for standard input.")] = "-",
    channel: Annotated[str, typer.Option(help="sms, email, im, …")] = "sms",
    policy: Annotated[str, typer.Option(help="unwanted or fraud.")] = "unwanted",
    form: Annotated[str, typer.Option("--format", help="text: a message a line; jsonl: objects.")] = "text",
    reasons: Annotated[bool, typer.Option(help="Say why, which is slower.")] = False,
    as_json: Json = False,
) -> None:
    """Judge messages: one line out for each line in, in order; exits with 2 when a line was refused."""
    import os  # noqa: PLC0415 - keeps `--help` quick
    import sys  # noqa: PLC0415

    from tocsin.errors import Rejected  # noqa: PLC0415
    from tocsin.screening.lines import screen_lines  # noqa: PLC0415

    if form not in {"text", "jsonl"}:
        raise Rejected("format.unknown", "format", "text or jsonl")
    try:
        bad = screen_lines(
            file, channel=channel, policy=policy, jsonl=form == "jsonl", reasons=reasons, as_json=as_json
        )
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the answers has had enough, as `head` does; what is still buffered goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    raise typer.Exit(2 if bad else 0)


def train(
    corpora: Annotated[Path, typer.Option(help="Folder of labelled corpora.")],
    out: Annotated[Path, typer.Option(help="The artefact to write.")],
) -> None:
    """Learn a model (needs the extra `train`)."""
    from tocsin.screening.train import train as learn  # noqa: PLC0415

    for corpus, rows in learn(corpora, out).items():
        typer.echo(f"{rows:>8,}  {corpus}")


def evaluate(
    corpora: Annotated[Path, typer.Option(help="Folder of labelled corpora.")],
    model: Annotated[Path | None, typer.Option(help="An artefact; by default the one in use.")] = None,
    as_json: Json = False,
) -> None:
    """Measure a model on the corpora's test folds."""
    import msgspec  # noqa: PLC0415

    from tocsin.screening.evaluate import evaluate as measure  # noqa: PLC0415
    from tocsin.screening.snapshot import load_snapshot  # noqa: PLC0415

    scores = measure(corpora, load_snapshot(model))
    if as_json:
        typer.echo(msgspec.json.encode(scores).decode())
        return
    typer.echo("corpus                      ham   spam  recall@0.5%     AUC")
    for one in scores:
        recall, auc = (f"{value:.4f}" if value is not None else "-" for value in (one.recall, one.auc))
        typer.echo(f"{one.corpus:<24} {one.ham:>6,} {one.spam:>6,} {recall:>12} {auc:>7}")


def register(app: typer.Typer) -> None:
    """Add screening's verbs."""
    for verb in (screen, train, evaluate):
        app.command()(verb)
