"""What clients get of statuses."""

from app.schemas.common import View


class StatusView(View):
    """A status that an item can have."""

    code: str
    label: str
