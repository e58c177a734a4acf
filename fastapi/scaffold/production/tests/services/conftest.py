"""The fixtures, for the tests of the servers themselves."""

from tests.services.fixtures import mongo_double as mongo_double
from tests.services.fixtures import mongo_url as mongo_url
