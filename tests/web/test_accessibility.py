"""Pages in a real browser: axe-core finds no violation, and nothing is asked of another host."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.makers import open_node, settings
from tests.node.test_kill import serving
from tocsin.exercises.simulation import play

pytestmark = pytest.mark.interop
AXE = Path(__file__).parents[2] / "build" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "",
    "/report",
    "/check?q=You+won+a+prize+http://a.example/x",
    "/campaigns?order=largest",
    "/about",
    "/nowhere",
)
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


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_no_violation(browser: Any, address: str, language: str, path: str) -> None:
    """WCAG 2.1 A and AA, as far as a program can tell, in both directions of writing."""
    browser.get(f"{address}/{language}{path}")
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]] == []


def test_nothing_is_asked_of_another_host(browser: Any, address: str) -> None:
    """Every resource of the front page comes from the node itself."""
    browser.get(f"{address}/en")
    names = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert names
    assert [name for name in names if not name.startswith(address)] == []
