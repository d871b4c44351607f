"""A person with a browser can try every route, and finds the way there, without anything from another host."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions as conditions
from selenium.webdriver.support.wait import WebDriverWait

from app.web.application import OPERATIONS

PASSWORD = "right horse, wrong battery"

pytestmark = pytest.mark.xdist_group("browser")  # one browser, one server of the bundled models


@pytest.fixture(scope="module")
def bundled(start_server, bundled_models: Path) -> Any:
    return start_server(bundled_models)


@pytest.fixture
def phone(browser: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """The browser as wide as a phone."""
    screen = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def _wait_for(browser: webdriver.Chrome, css: str) -> WebElement:
    """Wait until an element can be clicked, and give it."""
    found: WebElement = WebDriverWait(browser, 20).until(conditions.element_to_be_clickable((By.CSS_SELECTOR, css)))
    return found


def _open_apidocs(browser: webdriver.Chrome, server: Any, query: str = "") -> None:
    browser.get(f"{server.url}/apidocs/{query}")
    _wait_for(browser, "#operations-predict-predict")


def _try_it_out(browser: webdriver.Chrome, server: Any) -> None:
    """Sign in and execute the first example of `POST /predict`."""
    _open_apidocs(browser, server)
    _wait_for(browser, "button.authorize").click()
    _wait_for(browser, ".auth-container input[name=username]").send_keys("admin")
    _wait_for(browser, ".auth-container input[name=password]").send_keys(PASSWORD)
    _wait_for(browser, ".auth-container:has(input[name=username]) button.authorize").click()
    _wait_for(browser, ".auth-btn-wrapper button.btn-done").click()
    _wait_for(browser, "#operations-predict-predict .opblock-summary-control").click()
    _wait_for(browser, ".try-out__btn").click()
    _wait_for(browser, "button.execute").click()
    _wait_for(browser, ".live-responses-table .response-col_status")


def test_a_prediction_can_be_tried_out_after_signing_in(browser, bundled, tmp_path: Path) -> None:
    _try_it_out(browser, bundled)

    table = _wait_for(browser, ".live-responses-table tbody")
    browser.execute_script("arguments[0].scrollIntoView()", table)
    browser.save_screenshot(str(tmp_path / "apidocs.png"))
    assert table.text.startswith("200")
    assert '"model": "smalltalk"' in table.text


def test_trying_out_needs_nothing_that_the_page_is_forbidden(browser, bundled) -> None:
    browser.get_log("browser")  # of the pages before

    _try_it_out(browser, bundled)

    complaints = [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("WARNING", "SEVERE")]
    assert [complaint for complaint in complaints if "favicon.ico" not in complaint] == []


def test_every_operation_is_listed(browser, bundled) -> None:
    _open_apidocs(browser, bundled)

    listed = [element.text for element in browser.find_elements(By.CSS_SELECTOR, ".opblock-summary-path")]

    assert sorted(path.replace("\u200b", "") for path in listed) == sorted(operation.path for operation in OPERATIONS)


@pytest.mark.parametrize("path", ["/", "/apidocs/"])
def test_a_page_loads_nothing_from_another_host_and_complains_of_nothing(browser, bundled, path: str) -> None:
    browser.get_log("browser")  # of the pages before

    browser.get(bundled.url + path)
    WebDriverWait(browser, 20).until(lambda _: browser.find_elements(By.CSS_SELECTOR, "h1, .opblock"))

    loaded = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert loaded
    assert [url for url in loaded if not url.startswith((bundled.url, "data:"))] == []
    complaints = [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("WARNING", "SEVERE")]
    assert [complaint for complaint in complaints if "favicon.ico" not in complaint] == []


@pytest.mark.parametrize("key", ["configUrl", "url"])
def test_an_address_cannot_make_the_page_show_another_document(browser, bundled, key: str) -> None:
    _open_apidocs(browser, bundled, f"?{key}=/static/other.json")

    loaded = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")

    assert bundled.url + "/apispec.json" in loaded
    assert not [url for url in loaded if "other.json" in url]


@pytest.mark.parametrize(
    ("link", "path", "content"),
    [
        ("Try every route", "/apidocs/", "Parley"),
        ("OpenAPI document", "/apispec.json", '"openapi"'),
        ("Are the models loaded?", "/readyz", '"ready"'),
    ],
)
def test_a_link_of_the_landing_page_leads_there(browser, bundled, link: str, path: str, content: str) -> None:
    browser.get(bundled.url)

    browser.find_element(By.PARTIAL_LINK_TEXT, link).click()

    WebDriverWait(browser, 20).until(lambda _: content in browser.find_element(By.TAG_NAME, "body").text)
    assert browser.current_url == bundled.url + path


@pytest.mark.parametrize("path", ["/", "/apidocs/"])
def test_a_page_is_no_wider_than_a_phone(phone, bundled, path: str, tmp_path: Path) -> None:
    phone.get(bundled.url + path)
    WebDriverWait(phone, 20).until(lambda _: phone.find_elements(By.CSS_SELECTOR, "h1, .opblock"))

    phone.save_screenshot(str(tmp_path / "phone.png"))

    assert phone.execute_script("return document.documentElement.scrollWidth") <= 390
