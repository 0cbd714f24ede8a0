"""The page in a real browser: what people see, in both languages, from a phone to a desk."""

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from builders import at, jam, note, paper, printer, report, validator
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from query_process import TOKEN, QueryApi, faults_of, person, publish

from kmonitor.domain.faults.fault import FaultEvent, TerminalFaults
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.events.office.terminals import TerminalRegistered

HOSTILE = "<img src=x onerror='window.hurt=1'><script>window.hurt=2</script>"
NAMES = (f"WEB-{os.getpid()}-{number}" for number in count())
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NARROW = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here, so the page was not tried: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def said() -> list[str]:
    """What the page said on the console."""
    return []


def opened(browser: Browser, api: QueryApi, said: list[str], **traits: Any) -> Page:
    page = browser.new_context(**({"locale": "en-US"} | traits)).new_page()
    page.set_default_timeout(15_000)

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{api.url}/#token={TOKEN}")
    expect(page.locator("#freshness")).to_have_attribute("data-state", "live")
    return page


@pytest.fixture
def terminal(kafka: str, query_api: QueryApi) -> str:
    """A terminal with a hostile name, a broken validator, paper and cash."""
    name = next(NAMES)
    events = (validator(1, "43"), printer(2, "ok"), paper(3, 40), note(4), note(5))
    state = after_report(TerminalState(terminal=name), report(*events, terminal=name), 0, 5)
    publish(kafka, TerminalRegistered(terminal=name, name=HOSTILE, region="msk"), state, faults_of(jam(name)))
    query_api.eventually(
        "/v1/terminals", lambda page: page["items"] and page["items"][0]["open_faults"], q=name
    )
    return name


def row(page: Page, terminal: str) -> Any:
    return page.get_by_role("row").filter(has_text=terminal)


def found(page: Page, terminal: str) -> Any:
    page.get_by_role("searchbox").fill(terminal)
    expect(page.get_by_role("row")).to_have_count(1)
    return row(page, terminal)


def test_it_shows_the_network_and_hides_the_token(
    browser: Browser, query_api: QueryApi, terminal: str, said: list[str], tmp_path: Path
) -> None:
    page = opened(browser, query_api, said)
    assert TOKEN not in page.url
    expect(found(page, terminal)).to_contain_text("Jammed · bill acceptor validator-1")
    expect(page.locator(".tile.status-stopped .amount")).not_to_have_text("0")
    assert page.locator("html").get_attribute("lang") == "en"
    page.screenshot(path=tmp_path / "desk.png")
    page.reload()
    expect(page.locator("#board")).to_be_visible()
    assert said == []


def test_a_hostile_name_is_only_text(
    browser: Browser, query_api: QueryApi, terminal: str, said: list[str]
) -> None:
    page = opened(browser, query_api, said)
    found(page, terminal).click()
    expect(page.locator("#panel .name")).to_have_text(HOSTILE)
    assert page.evaluate("window.hurt") is None
    assert said == []


def test_what_happens_appears_without_a_reload(
    browser: Browser, query_api: QueryApi, kafka: str, terminal: str, said: list[str]
) -> None:
    page = opened(browser, query_api, said)
    line = found(page, terminal)
    expect(line).to_contain_text("stopped")
    publish(kafka, TerminalFaults(terminal=terminal, quiet_since=at(60)))
    expect(line).to_contain_text("working")
    raised = jam(f"{terminal}-else")
    publish(kafka, FaultEvent(kind="raised", at=at(99), fault=raised))
    expect(page.locator(f"[data-fault='{raised.fault_id}']")).to_be_visible()
    assert said == []


def test_one_terminal_in_full(browser: Browser, query_api: QueryApi, terminal: str, said: list[str]) -> None:
    page = opened(browser, query_api, said, locale="ru-RU")
    found(page, terminal).click()
    panel = page.get_by_role("dialog")
    for text in ("купюроприёмник", "Замятие (код 43)", "исправен", "40 %", "2 купюры", "Очередь", "Часы"):
        expect(panel).to_contain_text(text)
    expect(panel.locator("tfoot")).to_contain_text("200,00")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert said == []


def test_the_language_changes_at_once_and_stays(
    browser: Browser, query_api: QueryApi, terminal: str, said: list[str]
) -> None:
    page = opened(browser, query_api, said, locale="ru-RU")
    expect(page.get_by_role("heading", name="Терминалы")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Terminals")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Terminals")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_phone_scrolls_only_down(
    browser: Browser, query_api: QueryApi, terminal: str, said: list[str], tmp_path: Path
) -> None:
    page = opened(browser, query_api, said, viewport=NARROW, color_scheme="dark", locale="ru-RU")
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) == NARROW["width"]
    page.get_by_role("button", name="Неисправности").click()
    expect(page.locator(".fault").first).to_be_visible()
    assert page.evaluate(width) == NARROW["width"]
    page.locator(".fault").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate(width) == NARROW["width"]
    page.screenshot(path=tmp_path / "phone.png")
    assert said == []


def test_the_keyboard_is_enough(browser: Browser, query_api: QueryApi, terminal: str, said: list[str]) -> None:
    page = opened(browser, query_api, said)
    page.keyboard.press("/")
    page.keyboard.type(terminal)
    expect(page.get_by_role("row")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text(terminal)
    expect(page.get_by_role("button", name="Close")).to_be_focused()


def test_a_status_tile_filters_the_list(
    browser: Browser, query_api: QueryApi, terminal: str, said: list[str]
) -> None:
    page = opened(browser, query_api, said)
    found(page, terminal)
    page.locator(".tile.status-working").click()
    expect(row(page, terminal)).to_have_count(0)
    page.locator(".tile.status-stopped").click()
    expect(row(page, terminal)).to_have_count(1)


def test_without_a_token_there_is_a_form_and_a_wrong_one_is_told(browser: Browser, query_api: QueryApi) -> None:
    page = browser.new_context(locale="en-US").new_page()
    page.goto(query_api.url)
    page.get_by_label("Or a token").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#sign-in-wrong")).to_have_text("This token is not valid.")
    page.get_by_label("Or a token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#board")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Or a token")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Or a token")).to_be_visible()


def test_a_person_signs_in_with_a_password_and_sees_who_that_is(
    browser: Browser, query_api: QueryApi, kafka: str, terminal: str
) -> None:
    name = f"{terminal}-technician"
    publish(kafka, person(name, "technician", "a good password"))
    page = browser.new_context(locale="ru-RU").new_page()
    page.goto(query_api.url)
    page.get_by_label("Сотрудник").fill(name)
    page.get_by_label("Пароль").fill("another password")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-wrong")).to_have_text("Такого сотрудника нет, или пароль другой.")
    page.get_by_label("Пароль").fill("a good password")
    page.keyboard.press("Enter")
    expect(page.locator("#signed-in")).to_have_text(f"{name} · техник")
    expect(found(page, terminal)).to_be_visible()
    # What a technician may not see is not there, and nothing complains of it.
    expect(page.locator("#facts")).not_to_contain_text("Принято сегодня")
    expect(page.locator("#banner")).to_be_hidden()
    page.reload()
    expect(page.locator("#signed-in")).to_have_text(f"{name} · техник")
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_label("Пароль")).to_be_visible()
    expect(page.locator("#signed-in")).to_be_hidden()


def test_a_lost_connection_says_so_and_of_when_the_data_is(
    browser: Browser, query_api: QueryApi, kafka: str, clickhouse: str, tmp_path: Path, said: list[str]
) -> None:
    with QueryApi(kafka, clickhouse, tmp_path) as api:
        page = opened(browser, api, said)
        api.stop()
        expect(page.locator("#banner")).to_contain_text("Connection lost, retrying… Data is from")
        with QueryApi(kafka, clickhouse, tmp_path, port=api.port):
            expect(page.locator("#freshness")).to_have_attribute("data-state", "live", timeout=30_000)
            expect(page.locator("#banner")).to_be_hidden()
