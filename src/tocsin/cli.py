"""The command line: `tocsin serve`, `tocsin report`, and every room's own verbs.

Each room's `commands.py` imports what it needs inside its functions, so that `--help` answers at once.
"""

import sys
from importlib import import_module

import typer

from tocsin.errors import TocsinError

_ROOMS = (
    "desk.commands",
    "doors.files.commands",
    "exercises.commands",
    "screening.commands",
    "campaigns.commands",
    "statistics.commands",
    "definitions.commands",
)


def application() -> typer.Typer:
    """Assemble the command line from every room's verbs."""
    app = typer.Typer(
        name="tocsin",
        help="Take spam reports in, group them into campaigns, count them, share them.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for room in ("serving", *_ROOMS):
        import_module(f"tocsin.{room}").register(app)
    return app


def main() -> None:
    """Run the command line; what we refuse on purpose exits with 2 and one line."""
    try:
        application()()
    except TocsinError as error:
        sys.stderr.write(f"tocsin: {error.detail}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
