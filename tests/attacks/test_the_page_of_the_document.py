"""The page on which routes are tried out loads nothing from elsewhere and runs nothing that stands in a text (S24)."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

HERE = Path(__file__).resolve().parent
HOSTILE = (
    'hello <math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.ran=1&gt;">'
    "</mglyph></table></mtext></math><svg><textarea></svg><img src=x onerror=window.ran=1></textarea>"
    "<script>window.ran=1</script><a href=\"javascript:window.ran=1\">x</a><iframe srcdoc='<script>top.ran=1</script>'>"
    "</iframe><form action='{evil}'><button>Sign in</button></form><img src='{evil}/seen.png'>"
)  # fmt: skip

pytestmark = pytest.mark.xdist_group("browser")


_SHOWN = ".info, .errors-wrapper, .version-pragma"
"""What swagger-ui ends with: a document, or why it shows none."""


@dataclass
class Elsewhere:
    """A server of another origin, that remembers what it was asked for."""

    url: str
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    found: list[str] = []
    document = {"openapi": "3.1.0", "info": {"title": "OTHER DOCUMENT", "version": "1"}, "paths": {}}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.append(self.path)
            told = {"url": f"http://{self.headers['Host']}/document.json"} if "config" in self.path else document
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Elsewhere(f"http://127.0.0.1:{server.server_port}", found)
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def hostile(start_server: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere) -> Any:
    """A server in whose document somebody could write."""
    folder = tmp_path_factory.mktemp("hostile")
    return start_server(
        folder / "models",
        PYTHONPATH=str(HERE / "watched"),
        PARLEYS_OPENED_FILES=str(folder / "opened"),
        PARLEYS_DESCRIPTION=HOSTILE.replace("{evil}", elsewhere.url),
    )


def _open(browser: webdriver.Chrome, url: str) -> None:
    browser.get(url)
    WebDriverWait(browser, 20).until(lambda _: browser.find_elements(By.CSS_SELECTOR, _SHOWN))


@pytest.mark.parametrize(
    "key", [pytest.param("url", marks=pytest.mark.controls("current-swagger-ui", "page-policy")), "configUrl", "config"]
)
def test_no_address_of_the_page_makes_it_ask_another_origin(
    browser: webdriver.Chrome, hostile: Any, elsewhere: Elsewhere, key: str
) -> None:
    """S24."""
    elsewhere.asked.clear()

    _open(browser, f"{hostile.url}/apidocs/?{key}={elsewhere.url}/{key}.json")

    assert elsewhere.asked == []
    assert "OTHER DOCUMENT" not in browser.find_element(By.TAG_NAME, "body").text


def test_what_stands_in_a_description_is_not_run_and_asks_nobody(
    browser: webdriver.Chrome, hostile: Any, elsewhere: Elsewhere
) -> None:
    """S24."""
    elsewhere.asked.clear()

    _open(browser, f"{hostile.url}/apidocs/")

    shown = WebDriverWait(
        browser, 20, ignored_exceptions=[StaleElementReferenceException]
    )  # it is drawn more than once
    assert shown.until(lambda _: "hello" in browser.find_element(By.CSS_SELECTOR, ".info").text)
    assert browser.execute_script("return window.ran") is None
    assert browser.find_elements(By.CSS_SELECTOR, ".info script, .info iframe, [onerror], [href^=javascript]") == []
    assert elsewhere.asked == []


@pytest.mark.controls("page-policy")
def test_what_is_put_into_the_page_all_the_same_is_not_run_and_asks_nobody(
    browser: webdriver.Chrome, hostile: Any, elsewhere: Elsewhere
) -> None:
    """S24. As if swagger-ui had let it through."""
    _open(browser, f"{hostile.url}/apidocs/")
    elsewhere.asked.clear()

    browser.execute_async_script(
        """
        const [evil, done] = arguments;
        document.body.insertAdjacentHTML("beforeend", `<img src=x onerror="window.ran = 1"><img src="${evil}/i.png">`);
        const script = document.createElement("script");
        script.textContent = "window.ran = 1";
        document.body.append(script);
        fetch(evil).catch(() => 0).then(() => setTimeout(done, 50));
        """,
        elsewhere.url,
    )

    assert browser.execute_script("return window.ran") is None
    assert elsewhere.asked == []


def test_nothing_that_callers_name_stands_in_the_document(server: Any) -> None:
    """S24. Models, intents and users are not part of it, so nobody can write into it."""
    document = server.get("/apispec.json").body.decode()

    assert "tinyseq" not in document
    assert server.request("POST", "/apispec.json", b"{}").status == 405
