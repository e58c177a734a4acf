"""The browser, for tests of pages."""

from tests.browser.fixtures import browser as browser
from tests.browser.fixtures import pictures as pictures
