"""The servers of `tests.services`, for tests of several processes."""

from tests.services.fixtures import postgresql as postgresql
from tests.services.fixtures import redis_server as redis_server
