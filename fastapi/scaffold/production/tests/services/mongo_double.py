"""A double of MongoDB: one process, no disk, and of the commands those that this application sends.

It speaks the wire protocol (OP_MSG, and OP_QUERY for the first greeting), so that the real driver is tested against it.
What it cannot do it refuses with MongoDB's own error for it, and never answers wrongly. Where ``MONGO_URL`` is set, the
same tests run against a real server.
"""

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final, Self

import bson

from tests.services.mongo_documents import Collection, Refused, select

HOST = "127.0.0.1"
Document = dict[str, Any]

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
_HEADER = struct.Struct("<iiii")
_CHECKSUM_PRESENT, _MORE_TO_COME = 1, 2
_LARGEST_MESSAGE: Final = 48_000_000
_LARGEST_DOCUMENT: Final = 16 * 1024 * 1024
COMMAND_NOT_FOUND, NAMESPACE_NOT_FOUND = 59, 26


class MongoDouble:
    """The double, on a port of the loopback interface. Data outlive `stop`, so that failures can be tested."""

    def __init__(self) -> None:
        self._collections: dict[str, Collection] = {}
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"mongodb://{HOST}:{self._port}/app"

    def start(self) -> Self:
        """Serve: on a free port, and on the same one after a stop."""
        self._server = _Server((HOST, self._port), self.answer)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Refuse connections, and end those that there are."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
            server.disconnect()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._collections.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, command: Document) -> Document:
        """The reply to a command."""
        name = next(iter(command), "")
        handler = _COMMANDS.get(name.lower())
        try:
            if handler is None:
                raise Refused(COMMAND_NOT_FOUND, "CommandNotFound", f"no such command: '{name}'")
            with self._lock:
                return {**handler(self, command), "ok": 1.0}
        except Refused as refused:
            return {"ok": 0.0, "errmsg": str(refused), "code": refused.code, "codeName": refused.name}

    # --- commands ---------------------------------------------------------------------------------------------

    def _collection(self, command: Document) -> Collection:
        return self._collections.setdefault(self._namespace(command), Collection())

    @staticmethod
    def _namespace(command: Document) -> str:
        return f"{command['$db']}.{next(iter(command.values()))}"

    def _hello(self, command: Document) -> Document:
        return {
            "ismaster": True,
            "isWritablePrimary": True,
            "helloOk": True,
            "maxBsonObjectSize": _LARGEST_DOCUMENT,
            "maxMessageSizeBytes": _LARGEST_MESSAGE,
            "maxWriteBatchSize": 100_000,
            "minWireVersion": 0,
            "maxWireVersion": 21,  # that of MongoDB 7.0
            "readOnly": False,
        }

    def _nothing(self, command: Document) -> Document:
        return {}

    def _build_info(self, command: Document) -> Document:
        return {"version": "7.0.0-double", "versionArray": [7, 0, 0, 0]}

    def _insert(self, command: Document) -> Document:
        return self._write(command, command["documents"], self._collection(command).insert)

    def _update(self, command: Document) -> Document:
        upserted: list[Document] = []
        modified = 0

        def apply(change: Document) -> int:
            nonlocal modified
            done = self._collection(command).update(
                change["q"], change["u"], many=change.get("multi", False), upsert=change.get("upsert", False)
            )
            modified += done.modified
            if done.created:
                upserted.append({"index": len(upserted), "_id": done.created[0]})
            return done.matched + len(done.created)

        reply = self._write(command, command["updates"], apply)
        return {**reply, "nModified": modified, **({"upserted": upserted} if upserted else {})}

    def _delete(self, command: Document) -> Document:
        collection = self._collection(command)
        return self._write(
            command, command["deletes"], lambda one: collection.delete(one["q"], only_first=one["limit"] == 1)
        )

    @staticmethod
    def _write(command: Document, operations: list[Any], apply: Callable[[Any], int]) -> Document:
        number, errors = 0, []
        for index, operation in enumerate(operations):
            try:
                number += apply(operation)
            except Refused as refused:
                errors.append({"index": index, "code": refused.code, "errmsg": str(refused)})
                if command.get("ordered", True):
                    break
        return {"n": number, **({"writeErrors": errors} if errors else {})}

    def _find(self, command: Document) -> Document:
        found = select(
            self._collection(command).documents,
            command.get("filter", {}),
            sort=command.get("sort", {}),
            skip=command.get("skip", 0),
            limit=abs(command.get("limit", 0)),
        )
        if command.get("projection"):
            raise Refused(COMMAND_NOT_FOUND, "CommandNotFound", "the double has no projections")
        return self._cursor(command, found)

    def _aggregate(self, command: Document) -> Document:
        """What ``count_documents`` asks for, and nothing else."""
        where: Document = {}
        skip = limit = 0
        for stage in command["pipeline"]:
            match stage:
                case {"$match": where}:
                    pass
                case {"$skip": skip}:
                    pass
                case {"$limit": limit}:
                    pass
                case {"$group": {"_id": 1, "n": {"$sum": 1}}}:
                    pass
                case _:
                    raise Refused(COMMAND_NOT_FOUND, "CommandNotFound", f"the double has no stage {stage}")
        found = select(self._collection(command).documents, where, sort={}, skip=skip, limit=limit)
        return self._cursor(command, [{"_id": 1, "n": len(found)}] if found else [])

    def _cursor(self, command: Document, documents: list[Document]) -> Document:
        # All at once: a driver takes a first batch of any size, and asks no more of cursor 0.
        return {"cursor": {"id": bson.Int64(0), "ns": self._namespace(command), "firstBatch": documents}}

    def _count(self, command: Document) -> Document:
        found = select(
            self._collection(command).documents,
            command.get("query", {}),
            sort={},
            skip=command.get("skip", 0),
            limit=command.get("limit", 0),
        )
        return {"n": len(found)}

    def _create_indexes(self, command: Document) -> Document:
        collection = self._collection(command)
        before = len(collection.indexes) + 1
        for index in command["indexes"]:
            collection.create_index(index)
        return {"numIndexesBefore": before, "numIndexesAfter": len(collection.indexes) + 1}

    def _list_indexes(self, command: Document) -> Document:
        if self._namespace(command) not in self._collections:
            raise Refused(
                NAMESPACE_NOT_FOUND, "NamespaceNotFound", f"ns does not exist: {self._namespace(command)}"
            )
        indexes = self._collection(command).indexes.values()
        return self._cursor(command, [{"v": 2, "key": {"_id": 1}, "name": "_id_"}, *indexes])

    def _drop(self, command: Document) -> Document:
        if self._collections.pop(self._namespace(command), None) is None:
            raise Refused(NAMESPACE_NOT_FOUND, "NamespaceNotFound", "ns not found")
        return {}

    def _drop_database(self, command: Document) -> Document:
        for namespace in [*self._collections]:
            if namespace.startswith(f"{command['$db']}."):
                del self._collections[namespace]
        return {}


_COMMANDS: dict[str, Callable[[MongoDouble, Document], Document]] = {
    "aggregate": MongoDouble._aggregate,
    "buildinfo": MongoDouble._build_info,
    "count": MongoDouble._count,
    "createindexes": MongoDouble._create_indexes,
    "delete": MongoDouble._delete,
    "drop": MongoDouble._drop,
    "dropdatabase": MongoDouble._drop_database,
    "endsessions": MongoDouble._nothing,
    "find": MongoDouble._find,
    "hello": MongoDouble._hello,
    "insert": MongoDouble._insert,
    "ismaster": MongoDouble._hello,
    "killcursors": MongoDouble._nothing,
    "listindexes": MongoDouble._list_indexes,
    "ping": MongoDouble._nothing,
    "update": MongoDouble._update,
}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], answer: Callable[[Document], Document]) -> None:
        self.answer = answer
        self._connections: set[socket.socket] = set()
        super().__init__(address, _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def disconnect(self) -> None:
        for connection in [*self._connections]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, struct.error):
            while head := self.rfile.read(_HEADER.size):
                length, number, _, operation = _HEADER.unpack(head)
                if not _HEADER.size <= length <= _LARGEST_MESSAGE:
                    return
                body = self.rfile.read(length - _HEADER.size)
                if operation == OP_MSG:
                    flags, command = read_message(body)
                    reply = self.server.answer(command)
                    if not flags & _MORE_TO_COME:
                        self._send(number, OP_MSG, struct.pack("<IB", 0, 0) + bson.encode(reply))
                elif operation == OP_QUERY:
                    reply = self.server.answer(read_query(body))
                    self._send(number, OP_REPLY, struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(reply))
                else:
                    return

    def _send(self, answered: int, operation: int, body: bytes) -> None:
        self.wfile.write(_HEADER.pack(_HEADER.size + len(body), 0, answered, operation) + body)


def read_message(body: bytes) -> tuple[int, Document]:
    """Reads the body of an OP_MSG.

    Returns:
        Its flags, and the command with the documents of its sequences in their places.
    """
    (flags,) = struct.unpack_from("<I", body)
    end = len(body) - (4 if flags & _CHECKSUM_PRESENT else 0)
    command: Document = {}
    for kind, section in _sections(body[4:end]):
        if kind == 0:
            command |= bson.decode(section)
        else:
            name, _, documents = section.partition(b"\0")
            command[name.decode()] = bson.decode_all(documents)
    return flags, command


def _sections(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        kind = content[at]
        (length,) = struct.unpack_from("<i", content, at + 1)
        # The length counts itself: it is part of a document, and stands before a sequence.
        start = at + 1 if kind == 0 else at + 5
        yield kind, content[start : at + 1 + length]
        at += 1 + length


def read_query(body: bytes) -> Document:
    """Reads the command in the body of an OP_QUERY."""
    end = body.index(b"\0", 4)
    database = body[4:end].decode().partition(".")[0]
    return {**bson.decode(body[end + 9 :]), "$db": database}
