"""The command line as a newcomer meets it."""

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from tocsin.cli import application

VERBS = sorted(get_command(application()).commands)  # type: ignore[attr-defined]


def test_help_lists_the_verbs_a_node_is_run_by() -> None:
    """`tocsin --help` answers and names each verb of the spine."""
    result = CliRunner().invoke(application(), ["--help"])
    assert result.exit_code == 0
    for verb in ("serve", "demo", "report", "import", "screen", "backup", "restore", "check"):
        assert verb in result.output


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    """Each verb says what it does."""
    result = CliRunner().invoke(application(), [verb, "--help"])
    assert result.exit_code == 0
    assert get_command(application()).commands[verb].help  # type: ignore[attr-defined]
