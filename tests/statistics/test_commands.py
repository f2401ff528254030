"""The verbs that read the ledger: figures and campaigns in a terminal, as JSON, or a named refusal."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.makers import API, open_node, settings, submission
from tocsin.cli import application
from tocsin.errors import Rejected


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A data folder with six reports of one message."""
    with open_node(settings(tmp_path / "data")) as node:
        node.desk.take([(submission(reporter=f"{n}@reporter.example"), API) for n in range(6)])
    return str(tmp_path / "data")


def run(*words: str) -> str:
    result = CliRunner().invoke(application(), words, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_statistics_are_printed_and_as_json(folder: str) -> None:
    """The same figures both ways, of all channels or of one."""
    assert "week         6" in run("statistics", "--data", folder)
    assert json.loads(run("statistics", "--data", folder, "--json"))["week"] == 6
    assert json.loads(run("statistics", "--data", folder, "--json", "--channel", "im"))["week"] == 0


def test_campaigns_are_printed_and_as_json(folder: str) -> None:
    """The same campaign both ways, also by its channel."""
    assert "sms" in run("campaigns", "--data", folder)
    found = json.loads(run("campaigns", "--data", folder, "--json", "--order", "newest", "--channel", "sms"))
    assert [one["reports"] for one in found] == [6]


def test_an_empty_folder_becomes_an_empty_ledger(tmp_path: Path) -> None:
    """As every verb does."""
    assert json.loads(run("campaigns", "--data", str(tmp_path / "new"), "--json")) == []


@pytest.mark.parametrize("words", [("statistics", "--source", "gossip"), ("campaigns", "--order", "oldest")])
def test_an_unknown_word_is_refused(folder: str, words: tuple[str, ...]) -> None:
    """By its name, which the command line turns into exit code 2."""
    with pytest.raises(Rejected):
        CliRunner().invoke(application(), [*words, "--data", folder], catch_exceptions=False)
