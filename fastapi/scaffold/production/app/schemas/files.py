"""What clients get of files."""

import datetime
import uuid

from app.schemas.common import View


class FileView(View):
    """A file; ``media_type`` is what its bytes say, not what its sender said."""

    id: uuid.UUID
    name: str
    media_type: str
    size: int
    sha256: str
    owner_id: uuid.UUID
    created_at: datetime.datetime
