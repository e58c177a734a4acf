"""The database in memory."""

import pytest

from app.database.memory import MemoryDatabase, get_db

pytestmark = pytest.mark.anyio


async def test_records_are_created_read_updated_found_and_deleted() -> None:
    db = await get_db()
    assert db is await get_db()
    user = await db.create("users", {"name": "John", "role": "admin"})
    assert await db.read("users", user["id"]) == user
    assert await db.update("users", user["id"], {"age": 31, "id": "other"}) == user | {"age": 31}
    assert await db.find_by_field("users", "role", "admin") == [user | {"age": 31}]
    assert await db.find_by_field("users", "nothing", None) == []
    assert await db.read_all("users") == [user | {"age": 31}]
    assert await db.delete("users", user["id"])
    assert not await db.delete("users", user["id"])
    assert await db.read("users", user["id"]) is None
    assert await db.update("users", user["id"], {}) is None


async def test_what_goes_out_is_a_copy_and_pages_are_cut() -> None:
    db = MemoryDatabase()
    for number in range(5):
        await db.create("rows", {"id": str(number), "tags": []})
    (await db.read_all("rows"))[0]["tags"].append("changed")
    assert await db.read("rows", "0") == {"id": "0", "tags": []}
    assert [row["id"] for row in await db.read_all("rows", limit=2, offset=1)] == ["1", "2"]
    with pytest.raises(ValueError, match="already"):
        await db.create("rows", {"id": "0"})
