"""A real browser carries the question to the person, and what comes of it back to the client."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.outgoing.receivers import Receiver, receiving
from tests.web.oauth.conftest import PASSWORD, Office


@pytest.fixture
def program() -> Iterator[Receiver]:
    """A program on the person's own machine that waits for the browser."""
    with receiving(Receiver(headers={"Content-Type": "text/plain"})) as receiver:
        yield receiver


def _sign_in_for(browser: webdriver.Chrome, office: Office, question: str) -> None:
    """Open a question as somebody who has to sign in first, whoever used the browser before."""
    browser.get(f"{office.server.url}/login")  # cookies are deleted for the page that is shown
    browser.delete_all_cookies()
    browser.get(office.server.url + question)
    browser.find_element(By.NAME, "name").send_keys("ada")
    browser.find_element(By.NAME, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "main button[type=submit]").click()


def test_a_real_browser_asks_and_carries_the_answer_to_the_client(
    browser: webdriver.Chrome, office: Office, program: Receiver
) -> None:
    back = f"http://127.0.0.1:{program.port}/back"
    client = office.new_client(redirect_uris=(back,), name="A bot of a browser")

    _sign_in_for(browser, office, office.question(client, redirect_uri=back))
    WebDriverWait(browser, 20).until(lambda _: "A bot of a browser" in browser.title)
    browser.find_element(By.CSS_SELECTOR, "button[value=yes]").click()
    WebDriverWait(browser, 20).until(lambda _: browser.current_url.startswith(back))

    [carried] = [request.path for request in program.received if request.path.startswith("/back?")]
    code = carried.partition("code=")[2].partition("&")[0]
    assert office.exchanged(client, code, redirect_uri=back).status == 200
    assert [entry for entry in browser.get_log("browser") if "Content Security Policy" in entry["message"]] == []


def test_a_real_browser_carries_a_question_that_was_wrong_back_to_the_client_after_signing_in(
    browser: webdriver.Chrome, office: Office, program: Receiver
) -> None:
    back = f"http://127.0.0.1:{program.port}/back"
    client = office.new_client(redirect_uris=(back,))

    _sign_in_for(browser, office, office.question(client, redirect_uri=back, scope="nope"))
    WebDriverWait(browser, 20).until(lambda _: browser.current_url.startswith(back))

    assert "error=invalid_scope" in urlsplit(browser.current_url).query
