"""A real browser, and a node with a simulation in it, for the tests of pages as people meet them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.makers import open_node, settings
from tests.node.test_kill import serving
from tocsin.exercises.simulation import play

AXE = Path(__file__).parents[2] / "build" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1200,1000",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless Chromium."""
    if not (shutil.which("chromium") and shutil.which("chromedriver") and AXE.exists()):
        pytest.skip("needs Debian's chromium and chromium-driver, and axe-core from npm in build/npm")
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service  # noqa: PLC0415 - only where it is installed

    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.binary_location = shutil.which("chromium")
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver"), env=dict(os.environ)))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A node with a simulation in it."""
    folder = tmp_path_factory.mktemp("node") / "data"
    with open_node(settings(folder)) as node:
        for _ in play(node.desk.take, node.clock, reports=400):
            pass
    with serving(folder) as (_, url):
        yield url
