"""Private servers for tests: each with its own folder and its own port of the loopback interface.

``python -m tests.services`` starts them for people and for other programs; ``tests.services.fixtures`` for pytest.
"""

from tests.services.nats import Nats
from tests.services.nginx import Nginx
from tests.services.postgresql import PostgreSQL
from tests.services.rabbitmq import RabbitMQ
from tests.services.redis import Redis
from tests.services.service import Missing, NotReady, Service

__all__ = ["Missing", "Nats", "Nginx", "NotReady", "PostgreSQL", "RabbitMQ", "Redis", "Service"]
