"""The page of a report fits a phone and a desk, in a real browser, which has nothing to complain of."""

from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from app.evaluation.html_report import report_html

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(params=["light", "dark"])
def colours(browser: webdriver.Chrome, request: pytest.FixtureRequest) -> str:
    feature = {"name": "prefers-color-scheme", "value": request.param}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    return str(request.param)


def show(browser: webdriver.Chrome, page: Path, width: int) -> None:
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    browser.get_log("browser")  # of the pages before
    browser.get(page.as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach(folded => folded.open = true)")


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("intents", [2, 30, 150])
def test_a_page_is_no_wider_than_the_screen(browser, reported, tmp_path: Path, intents: int, width: int) -> None:
    page = tmp_path / "report.html"
    page.write_bytes(report_html(reported(intents, named="an_intent_" * 9)))

    show(browser, page, width)

    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.get_log("browser") == []


def test_a_page_follows_the_colours_that_a_person_prefers(browser, colours, reported, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_bytes(report_html(reported()))

    show(browser, page, 1280)

    paper = browser.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")
    assert ("251, 250, 247" in paper) == (colours == "light")


def test_a_name_like_markup_runs_no_script(browser, reported, markup: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_bytes(report_html(reported(4, 3, markup)))

    show(browser, page, 375)

    assert browser.find_element(By.TAG_NAME, "h1").text == " ".join(markup.split())
    assert browser.title != "broken"
    assert browser.execute_script("return document.scripts.length + document.images.length") == 0
    assert browser.get_log("browser") == []


def test_the_stylesheet_is_let_through_and_a_script_put_into_the_page_is_not(browser, reported, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    script = b"<script>document.title = 'broken'</script></main>"
    page.write_bytes(report_html(reported(2)).replace(b"</main>", script))

    show(browser, page, 1280)

    assert browser.title != "broken"
    assert browser.find_element(By.TAG_NAME, "main").value_of_css_property("max-width") == "1120px"
