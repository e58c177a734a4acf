"""The documents of the double of MongoDB: filters, order, changes and unique indexes."""

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import bson

Document = dict[str, Any]
BAD_VALUE, DUPLICATE_KEY = 2, 11000
_ABSENT = object()


class Refused(Exception):
    """A command that the server refuses, with the code and the name of MongoDB's error."""

    def __init__(self, code: int, name: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.name = name


@dataclass
class Updated:
    """What an update did: how many it found and changed, and the ``_id`` of what it created."""

    matched: int = 0
    modified: int = 0
    created: list[Any] = field(default_factory=list)


class Collection:
    """Documents in the order of their insertion."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.indexes: dict[str, Document] = {}

    def insert(self, document: Document) -> int:
        """Adds a document; 1. Raises `Refused` where a unique value is taken."""
        document = (
            {"_id": document["_id"], **document}
            if "_id" in document
            else {"_id": bson.ObjectId(), **document}
        )
        self._check_unique(document)
        self.documents.append(document)
        return 1

    def update(self, where: Document, change: Document, *, many: bool, upsert: bool) -> Updated:
        """Changes documents: to a whole new one, or by ``$set``, ``$setOnInsert``, ``$unset`` and ``$inc``."""
        done = Updated()
        for place, document in enumerate(self.documents):
            if matches(document, where):
                new = _changed(document, change, creates=False)
                self._check_unique(new, besides=document)
                self.documents[place] = new
                done.matched += 1
                done.modified += new != document
                if not many:
                    break
        if not done.matched and upsert:
            equal = {
                name: value
                for name, value in where.items()
                if not name.startswith("$") and not _operators(value)
            }
            new = _changed(equal, change, creates=True)
            self.insert(new)
            done.created.append(self.documents[-1]["_id"])
        return done

    def delete(self, where: Document, *, only_first: bool) -> int:
        """Removes documents; how many."""
        found = [document for document in self.documents if matches(document, where)]
        found = found[:1] if only_first else found
        self.documents = [
            document for document in self.documents if not any(document is one for one in found)
        ]
        return len(found)

    def create_index(self, index: Document) -> None:
        """Keeps an index; only a unique one does anything."""
        self.indexes[index["name"]] = {"v": 2, **index}

    def _check_unique(self, document: Document, besides: Document | None = None) -> None:
        unique = [index["key"] for index in self.indexes.values() if index.get("unique")]
        for key in ({"_id": 1}, *unique):
            value = [_value(document, name) for name in key]
            for other in self.documents:
                if other is not besides and [_value(other, name) for name in key] == value:
                    text = f"E11000 duplicate key error index: {'_'.join(key)} dup key: {value}"
                    raise Refused(DUPLICATE_KEY, "DuplicateKey", text)


def select(
    documents: Iterable[Document], where: Document, *, sort: Mapping[str, int], skip: int, limit: int
) -> list[Document]:
    """The documents that match, ordered; without the first ``skip``, and no more than ``limit`` unless that is 0."""
    found = [document for document in documents if matches(document, where)]
    for name, direction in reversed([*sort.items()]):
        found.sort(key=lambda document: _rank(_value(document, name)), reverse=direction < 0)
    return found[skip : skip + limit if limit else None]


def matches(document: Document, where: Document) -> bool:
    """Whether a document is one that the filter asks for."""
    for name, wanted in where.items():
        if name in ("$and", "$or", "$nor"):
            each = [matches(document, part) for part in wanted]
            holds = all(each) if name == "$and" else any(each) is (name == "$or")
        elif name.startswith("$"):
            raise Refused(BAD_VALUE, "BadValue", f"unknown top level operator: {name}")
        else:
            value = _value(document, name)
            conditions = wanted if _operators(wanted) else {"$eq": wanted}
            holds = all(_holds(value, operator, operand) for operator, operand in conditions.items())
        if not holds:
            return False
    return True


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda value, operand: value > operand,
    "$gte": lambda value, operand: value >= operand,
    "$lt": lambda value, operand: value < operand,
    "$lte": lambda value, operand: value <= operand,
}


def _holds(value: Any, operator: str, operand: Any) -> bool:
    if operator in _COMPARISONS:
        # Only values of one type are compared.
        one, other = _rank(value), _rank(operand)
        return one[0] == other[0] and _COMPARISONS[operator](one, other)
    if operator == "$exists":
        return (value is not _ABSENT) is bool(operand)
    equals = [_equals(value, one) for one in (operand if operator in ("$in", "$nin") else [operand])]
    if operator in ("$eq", "$in"):
        return any(equals)
    if operator in ("$ne", "$nin"):
        return not any(equals)
    raise Refused(BAD_VALUE, "BadValue", f"unknown operator: {operator}")


def _equals(value: Any, wanted: Any) -> bool:
    if value is _ABSENT:
        return wanted is None
    return value == wanted or (isinstance(value, list) and not isinstance(wanted, list) and wanted in value)


def _operators(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(name.startswith("$") for name in value)


def _value(document: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(document, dict) or name not in document:
            return _ABSENT
        document = document[name]
    return document


def _rank(value: Any) -> tuple[int, Any]:
    """The place of a value in the order of BSON types, and the value."""
    if value is _ABSENT or value is None:
        return 0, 0
    if isinstance(value, bool):
        return 5, value
    for place, kind in ((1, (int, float)), (2, str), (3, bytes), (4, bson.ObjectId)):
        if isinstance(value, kind):
            return place, value
    if hasattr(value, "timestamp"):
        return 6, value.timestamp()
    raise Refused(BAD_VALUE, "BadValue", f"the double does not order {type(value).__name__}")


def _changed(document: Document, change: Document, *, creates: bool) -> Document:
    if not _operators(change):
        identity = {"_id": document["_id"]} if "_id" in document else {}
        return {**identity, **change}
    new = copy.deepcopy(document)
    for operator, values in change.items():
        for name, value in values.items():
            if "." in name:
                raise Refused(BAD_VALUE, "BadValue", "the double changes no fields of fields")
            if operator == "$set" or (operator == "$setOnInsert" and creates):
                new[name] = value
            elif operator == "$unset":
                new.pop(name, None)
            elif operator == "$inc":
                new[name] = new.get(name, 0) + value
            elif operator != "$setOnInsert":
                raise Refused(BAD_VALUE, "BadValue", f"unknown modifier: {operator}")
    return new
