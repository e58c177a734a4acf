"""The double of MongoDB, through the driver that the application uses; with ``MONGO_URL``, the real one."""

import asyncio
import datetime
import struct
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient, ReplaceOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError, OperationFailure

from tests.services.mongo_double import MongoDouble, read_message

Events = AsyncCollection[dict[str, Any]]
OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)


@pytest.fixture
def use(mongo_url: str) -> Callable[[Callable[[Events], Awaitable[None]]], None]:
    """Runs an asynchronous function on an empty collection."""

    def use(body: Callable[[Events], Awaitable[None]]) -> None:
        async def run() -> None:
            async with AsyncMongoClient[dict[str, Any]](mongo_url, serverSelectionTimeoutMS=5000) as client:
                database = f"test_{uuid.uuid4().hex}"
                try:
                    await body(client[database].get_collection("events", codec_options=OPTIONS))
                finally:
                    await client.drop_database(database)

        asyncio.run(asyncio.wait_for(run(), 30))

    return use


Use = Callable[[Callable[[Events], Awaitable[None]]], None]


def test_it_answers_a_ping(use: Use) -> None:
    async def body(events: Events) -> None:
        assert (await events.database.client.admin.command("ping"))["ok"] == 1.0

    use(body)


def test_documents_are_found_as_they_were_inserted(use: Use) -> None:
    async def body(events: Events) -> None:
        document = {
            "_id": uuid.uuid4(),
            "at": datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, datetime.UTC),
            "details": {"names": ["a", "b"], "number": 2**40, "nothing": None},
        }
        await events.insert_one(document)
        assert await events.find_one({"_id": document["_id"]}) == document

    use(body)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"n": 2}, [2]),
        ({"n": {"$gt": 1, "$lte": 3}}, [2, 3]),
        ({"n": {"$gte": 3}}, [3, 4]),
        ({"n": {"$lt": 2}}, [1]),
        ({"n": {"$in": [1, 4, 9]}}, [1, 4]),
        ({"n": {"$nin": [1, 4]}}, [2, 3]),
        ({"n": {"$ne": 1}}, [2, 3, 4]),
        ({"n": {"$gt": "text"}}, []),
        ({"odd": {"$exists": True}}, [1, 3]),
        ({"odd": None}, [2, 4]),
        ({"inner.name": "c"}, [3]),
        ({"tags": "even"}, [2, 4]),
        ({"$or": [{"n": 1}, {"n": 3}]}, [1, 3]),
        ({"$and": [{"n": {"$gt": 1}}, {"n": {"$lt": 3}}]}, [2]),
        ({"$nor": [{"n": 1}, {"n": 3}]}, [2, 4]),
    ],
)
def test_filters_mean_what_they_mean_to_mongodb(where: dict[str, Any], expected: list[int], use: Use) -> None:
    async def body(events: Events) -> None:
        await events.insert_many(
            {
                "n": n,
                "inner": {"name": "abcd"[n - 1]},
                "tags": ["odd"] if n % 2 else ["even", "all"],
                **({"odd": True} if n % 2 else {}),
            }
            for n in (1, 2, 3, 4)
        )
        assert [document["n"] async for document in events.find(where).sort("n", 1)] == expected
        assert await events.count_documents(where) == len(expected)

    use(body)


def test_order_offset_and_limit(use: Use) -> None:
    async def body(events: Events) -> None:
        await events.insert_many({"a": a, "b": b} for a in (1, 2) for b in ("x", "y"))
        found = events.find().sort([("a", -1), ("b", 1)]).skip(1).limit(2)
        assert [(one["a"], one["b"]) async for one in found] == [(2, "y"), (1, "x")]
        assert await events.count_documents({}, skip=1, limit=2) == 2
        assert await events.estimated_document_count() == 4

    use(body)


def test_a_document_is_replaced_or_created(use: Use) -> None:
    async def body(events: Events) -> None:
        created = await events.replace_one({"_id": 1}, {"_id": 1, "n": 1}, upsert=True)
        replaced = await events.replace_one({"_id": 1}, {"_id": 1, "n": 2}, upsert=True)
        missed = await events.replace_one({"_id": 2}, {"n": 2})
        assert (created.upserted_id, replaced.modified_count, missed.matched_count) == (1, 1, 0)
        assert await events.find_one() == {"_id": 1, "n": 2}

    use(body)


def test_fields_are_changed(use: Use) -> None:
    async def body(events: Events) -> None:
        await events.update_one({"_id": 1}, {"$set": {"a": 1}, "$setOnInsert": {"b": 2}}, upsert=True)
        await events.update_many({}, {"$inc": {"a": 5}, "$unset": {"b": ""}, "$setOnInsert": {"c": 1}})
        assert await events.find_one() == {"_id": 1, "a": 6}

    use(body)


def test_documents_are_deleted_one_or_all(use: Use) -> None:
    async def body(events: Events) -> None:
        await events.insert_many({"n": n % 2} for n in range(5))
        assert (await events.delete_one({"n": 0})).deleted_count == 1
        assert (await events.delete_many({"n": 0})).deleted_count == 2
        assert await events.count_documents({}) == 2

    use(body)


def test_a_unique_value_is_there_once(use: Use) -> None:
    async def body(events: Events) -> None:
        await events.create_index("email", unique=True, name="by_email")
        await events.insert_one({"_id": 1, "email": "a"})
        with pytest.raises(DuplicateKeyError):
            await events.insert_one({"email": "a"})
        with pytest.raises(BulkWriteError) as failed:
            await events.insert_many([{"_id": 1}, {"_id": 2, "email": "b"}], ordered=False)
        assert failed.value.details["nInserted"] == 1
        assert set(await events.index_information()) == {"_id_", "by_email"}

    use(body)


def test_writes_in_bulk(use: Use) -> None:
    async def body(events: Events) -> None:
        done = await events.bulk_write([ReplaceOne({"_id": n}, {"n": n}, upsert=True) for n in range(3)])
        assert done.upserted_ids == {0: 0, 1: 1, 2: 2}

    use(body)


def test_a_collection_is_dropped(use: Use) -> None:
    async def body(events: Events) -> None:
        await events.insert_one({})
        await events.drop()
        assert await events.count_documents({}) == 0

    use(body)


@pytest.mark.parametrize("where", [{"n": {"$near": 1}}, {"$where": "true"}])
def test_what_the_double_cannot_do_it_refuses(where: dict[str, Any], mongo_double: MongoDouble) -> None:
    async def body() -> None:
        async with AsyncMongoClient[dict[str, Any]](mongo_double.url) as client:
            await client.app.events.insert_one({"n": 1})
            with pytest.raises(OperationFailure):
                await client.app.events.find_one(where)
            with pytest.raises(OperationFailure, match="projections"):
                await client.app.events.find_one({}, {"n": 1})
            with pytest.raises(OperationFailure, match="no stage"):
                await client.app.events.aggregate([{"$lookup": {}}])
            with pytest.raises(OperationFailure, match="no such command"):
                await client.app.command("mapReduce", "events")

    asyncio.run(asyncio.wait_for(body(), 30))


def test_data_outlive_a_failure(mongo_double: MongoDouble) -> None:
    async def body() -> None:
        async with AsyncMongoClient[dict[str, Any]](mongo_double.url, serverSelectionTimeoutMS=300) as client:
            events = client.app.events
            await events.insert_one({"_id": 1})
            mongo_double.stop()
            with pytest.raises(AutoReconnect):
                await events.insert_one({"_id": 2})
            mongo_double.start()
        async with AsyncMongoClient[dict[str, Any]](mongo_double.url) as client:
            assert [one["_id"] async for one in client.app.events.find()] == [1]

    asyncio.run(asyncio.wait_for(body(), 30))


def test_a_message_that_is_none_is_an_error() -> None:
    with pytest.raises(struct.error):
        read_message(b"\0\0")
