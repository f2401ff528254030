"""`tocsin demo`: the simulation, through the real desk."""

from typing import Annotated

import typer


def demo(
    data: Annotated[str | None, typer.Option(help="Data folder.")] = None,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal reports.")] = 52,
    speed: Annotated[float, typer.Option(help="Simulated seconds in a second; 0: at once.")] = 0,
    reports: Annotated[int, typer.Option(help="How many reports.")] = 3000,
) -> None:
    """Play the labelled simulation into the data folder."""
    from rich.progress import Progress  # noqa: PLC0415 - keeps `--help` quick

    from tocsin import settings  # noqa: PLC0415
    from tocsin.exercises.simulation import play  # noqa: PLC0415
    from tocsin.node import open_node  # noqa: PLC0415

    with open_node(settings.load({"data": data})) as node, Progress() as bar:
        task = bar.add_task("simulated reports", total=reports)
        for progress in play(node.desk.take, node.clock, seed, speed, reports):
            bar.update(task, completed=progress.done)
    typer.echo(f"{reports:,} simulated reports were played. See them with: tocsin serve")


def register(app: typer.Typer) -> None:
    """Add this room's verb."""
    app.command()(demo)
