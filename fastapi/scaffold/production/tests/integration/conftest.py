"""Servers and a browser, for tests of several processes."""

from tests.browser.fixtures import browser as browser
from tests.browser.fixtures import pictures as pictures
from tests.services.fixtures import postgresql as postgresql
from tests.services.fixtures import redis_server as redis_server
