"""One long walk through the pages with a real browser, which forbids whatever the pages may not do."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions as conditions
from selenium.webdriver.support.wait import WebDriverWait

PASSWORD = "right horse, wrong battery"
WIDTHS = [375, 1280]

pytestmark = pytest.mark.xdist_group("pages")


class Walk:
    """Somebody at a browser: looks, types, presses buttons."""

    def __init__(self, browser: webdriver.Chrome, url: str) -> None:
        self._browser, self._url = browser, url
        browser.delete_all_cookies()
        browser.get_log("browser")  # of the pages before

    def open(self, path: str) -> None:
        self._browser.get(self._url + path)

    def find(self, css: str) -> WebElement:
        found: WebElement = WebDriverWait(self._browser, 20).until(
            conditions.element_to_be_clickable((By.CSS_SELECTOR, css))
        )
        return found

    def type(self, name: str, text: str) -> None:
        field = self.find(f"#{name}")
        field.clear()
        field.send_keys(text)

    def press(self, label: str, then: str) -> None:
        """Press a button or follow a link, until the heading of the page says something else."""
        found = f"//main//*[self::button or self::a][contains(., '{label}')]"
        self._browser.find_element(By.XPATH, found).click()
        self.arrive(then)

    def arrive(self, heading: str) -> None:
        WebDriverWait(self._browser, 20).until(
            conditions.text_to_be_present_in_element((By.CSS_SELECTOR, "h1"), heading)
        )

    @property
    def text(self) -> str:
        return str(self._browser.find_element(By.TAG_NAME, "main").text)

    def complaints(self) -> list[Any]:
        """What the browser's console says: scripts that were refused, files that were not there."""
        return [entry for entry in self._browser.get_log("browser") if entry["level"] in {"WARNING", "SEVERE"}]


@pytest.fixture
def walk(browser: webdriver.Chrome, house) -> Walk:
    return Walk(browser, house.url)


@pytest.fixture(params=WIDTHS)
def screen(request, browser: webdriver.Chrome) -> Iterator[int]:
    size = {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": request.param < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield request.param
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def _ask(port: int, key: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        sent = {"X-API-Key": key, "Content-Type": "application/json"}
        connection.request("POST", "/predict", json.dumps({"text": "will it rain"}), sent)
        return connection.getresponse().status
    finally:
        connection.close()


def _sign_in(walk: Walk, then: str = "/account", heading: str = "admin") -> None:
    walk.open(f"/login?next={then}")
    walk.type("name", "admin")
    walk.type("password", PASSWORD + Keys.ENTER)
    walk.arrive(heading)


def test_a_key_and_a_user_are_made_and_ended_without_a_complaint_of_the_browser(house, walk: Walk) -> None:
    walk.open("/")
    walk.press("Sign in", "Sign in")
    walk.type("name", "admin")
    walk.type("password", PASSWORD)
    walk.press("Sign in", "admin")

    walk.press("API keys", "API keys")
    walk.press("New key", "New API key")
    walk.type("label", "a key of a browser's")
    walk.press("Make the key", "Your new key")
    key = str(walk.find("#secret").get_attribute("value"))
    assert _ask(house.port, key) == 200
    walk.press("I have copied it", "API keys")
    assert key not in walk.text

    walk.press("Revoke", "Revoke a key of a browser's?")
    walk.press("Revoke the key", "API keys")
    assert "The key is revoked" in walk.text
    assert _ask(house.port, key) == 401

    walk.open("/users")
    walk.press("New user", "New user")
    walk.type("name", "walker")
    walk.type("password", "a walk in the hills")
    walk.press("Make the user", "Users")
    assert "walker" in walk.text

    walk.find("header button").click()
    walk.arrive("Sign in")
    walk.open("/users")
    walk.arrive("Sign in")
    assert walk.complaints() == []


def test_what_is_wrong_is_said_and_what_was_typed_stays(walk: Walk) -> None:
    _sign_in(walk, "/new-user", "New user")

    walk.type("name", "passer.by")
    walk.type("password", "aaaaaaaaaaaaaaaa")
    walk.press("Make the user", "New user")

    walk.find("#password-error")
    assert walk.find("#name").get_attribute("value") == "passer.by"
    assert "Please look at password" in walk.text


@pytest.mark.parametrize("path", ["/login", "/account", "/account/keys", "/account/clients/new", "/users"])
def test_a_page_is_no_wider_than_its_screen(
    browser: webdriver.Chrome, walk: Walk, screen: int, path: str, tmp_path: Path
) -> None:
    if path == "/login":
        walk.open(path)
    else:
        _sign_in(walk, path, "")

    browser.save_screenshot(str(tmp_path / f"{screen}.png"))

    assert browser.execute_script("return document.documentElement.scrollWidth") <= screen


def test_a_form_of_another_site_ends_nothing(browser: webdriver.Chrome, walk: Walk, house, tmp_path: Path) -> None:
    _sign_in(walk)
    elsewhere = tmp_path / "elsewhere.html"
    elsewhere.write_text(f'<form method="post" action="{house.url}/account/sessions/end"><button>x</button></form>')

    browser.get(elsewhere.as_uri())
    walk.find("button").click()

    walk.arrive("Not allowed")
    walk.open("/account")
    walk.arrive("admin")
