"""Pages in a real browser: axe-core finds no violation, and nothing is asked of another host."""

from typing import Any

import pytest
from selenium.webdriver.support.ui import WebDriverWait

from tests.node.test_kill import post
from tests.web.conftest import AXE

pytestmark = pytest.mark.interop
PAGES = (
    "",
    "/check?q=You+won+a+prize+http://a.example/x",
    "/campaigns?order=largest",
    "/report",
    "/check?q=%2B447700900123",
    "/about",
    "/nowhere",
)


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


def test_an_update_closes_nothing_and_keeps_the_focus(browser: Any, address: str) -> None:
    """New figures arrive while the reader has the table open and stands on its summary."""
    browser.get(f"{address}/en")
    browser.execute_script("""
        document.querySelector("#chart-table").open = true;
        document.querySelector("#chart-table > summary").focus();
    """)
    items = [
        {"channel": "sms", "content": "You won a grand prize today", "reporter": f"{n}@a.example"}
        for n in range(6)
    ]
    post(address, items)
    WebDriverWait(browser, 30).until(
        lambda driver: "Simulated data" not in driver.find_element("css selector", "[data-live]").text
    )
    assert browser.execute_script("return document.querySelector('#chart-table').open")
    assert browser.execute_script("return document.activeElement.matches('#chart-table > summary')")
