"""Pages as a browser shows them: nothing comes from elsewhere, nothing is forbidden by the content policy, forms work.

``SCREENSHOTS`` names a folder for pictures of them.
"""

import pathlib
from collections.abc import Iterator

import pytest

from tests.browser.chromium import Chromium
from tests.services.application import Application

pytest.importorskip("fastapi.server")  # this package's own server; the pages are the same on any other

NAME, PASSWORD = "the-admin", "correct horse battery staple"


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    with Application() as application:
        application.add_admin(NAME, PASSWORD)
        yield application


def test_swagger_ui_shows_the_routes(
    application: Application, browser: Chromium, pictures: pathlib.Path
) -> None:
    browser.open(f"{application.url}/docs")
    browser.wait_for("document.querySelectorAll('.opblock').length > 20")
    assert "/api/v1/items" in browser.run("document.body.innerText")
    assert browser.screenshot(pictures / "docs.png")


# React hears of a value only by the event, and only where its own setter did not see it before.
SIGN_IN_TO_SWAGGER_UI = """
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    for (const [id, text] of Object.entries({{oauth_username: "{name}", oauth_password: "{password}"}})) {{
        const field = document.getElementById(id);
        set.call(field, text);
        field.dispatchEvent(new Event("input", {{bubbles: true}}));
        field.dispatchEvent(new Event("change", {{bubbles: true}}));
    }}
    document.querySelector(".modal-ux .btn.authorize").click();
"""


def test_swagger_ui_signs_in_and_asks_as_the_user(
    application: Application, browser: Chromium, pictures: pathlib.Path
) -> None:
    browser.open(f"{application.url}/docs#/auth/read_profile_api_v1_auth_profile_get")
    browser.wait_for("document.querySelector('.scheme-container .btn.authorize')")
    browser.run("document.querySelector('.scheme-container .btn.authorize').click()")
    browser.wait_for("document.getElementById('oauth_password')")
    browser.run(SIGN_IN_TO_SWAGGER_UI.format(name=NAME, password=PASSWORD))
    browser.wait_for("document.querySelector('.modal-ux').innerText.includes('Logout')")
    browser.run("document.querySelector('.modal-ux .close-modal').click()")
    browser.wait_for("document.querySelector('.opblock.is-open .try-out__btn')")
    browser.run("document.querySelector('.opblock.is-open .try-out__btn').click()")
    browser.wait_for("document.querySelector('.opblock.is-open .execute')")
    browser.run("document.querySelector('.opblock.is-open .execute').click()")
    browser.wait_for(
        f"document.querySelector('.opblock.is-open .live-responses-table')?.innerText.includes('{NAME}@')"
    )
    assert browser.screenshot(pictures / "docs-signed-in.png")


def test_redoc_shows_the_routes(application: Application, browser: Chromium, pictures: pathlib.Path) -> None:
    browser.open(f"{application.url}/redoc")
    browser.wait_for("document.querySelectorAll('[data-section-id]').length > 20")
    assert "/api/v1/items" in browser.run("document.body.textContent")
    assert browser.screenshot(pictures / "redoc.png")


def sign_in(browser: Chromium, application: Application) -> None:
    browser.open(f"{application.url}/admin/")
    assert "/admin/login" in browser.run("location.href")
    browser.act(
        f"""document.querySelector("[name=username]").value = "{NAME}";
            document.querySelector("[name=password]").value = "{PASSWORD}";
            document.querySelector("form[method=POST]").requestSubmit();"""
    )
    assert browser.run("location.pathname") == "/admin/"


@pytest.mark.parametrize("page", ["users", "items", "statuses", "audit"])
def test_an_administrator_sees_every_list(
    page: str, application: Application, browser: Chromium, pictures: pathlib.Path
) -> None:
    sign_in(browser, application)
    browser.open(f"{application.url}/admin/{page}/list")
    shown = {"users": NAME, "items": "Items", "statuses": "Archived", "audit": "login.succeeded"}
    browser.wait_for(f"document.body.innerText.includes('{shown[page]}')")
    assert browser.screenshot(pictures / f"admin-{page}.png")


def test_an_administrator_changes_a_status(
    application: Application, browser: Chromium, pictures: pathlib.Path
) -> None:
    sign_in(browser, application)
    browser.open(f"{application.url}/admin/statuses/edit?pk=draft")
    browser.act(
        """document.querySelector("[name=label]").value = "In the making";
           document.querySelector("[name=label]").form.requestSubmit();"""
    )
    browser.wait_for("document.body.innerText.includes('In the making')")
    assert browser.screenshot(pictures / "admin-changed.png")
