"""Requests for the operations of an OpenAPI document, drawn by Hypothesis: valid ones and nearly valid ones."""

from typing import Any

from hypothesis import strategies as st

from . import encoding
from .examples import HOST
from .operations import Operation, Parameter
from .request import Request
from .values import Vocabulary, any_text, json_values, noise

Texts = list[tuple[str, str]]


@st.composite
def requests(draw: st.DrawFn, operations: list[Operation], vocabulary: Vocabulary) -> Request:
    """Draw a request to one of the operations."""
    # By number: Hypothesis would write out what it samples from, and whole operations are long.
    operation = operations[draw(st.integers(0, len(operations) - 1))]
    given: dict[str, Texts] = {"path": [], "query": [], "header": [], "cookie": []}
    for parameter in operation.parameters:
        given[parameter.place] += draw(_texts(parameter, vocabulary))
    headers = [
        (encoding.utf8(name).lower(), draw(encoding.HEADER_ENCODINGS)(value))
        for name, value in given["header"]
    ]
    query = given["query"]
    for scheme in operation.schemes:
        _authenticate(draw, scheme, headers, query, given["cookie"])
    if draw(noise) < 10:
        query.append((draw(any_text), draw(any_text)))
    if draw(noise) < 8 and len(query) > 1:
        query.reverse()
    body, kind = draw(_bodies(operation.bodies, vocabulary))
    if kind is not None:
        headers.append((b"content-type", kind))
    headers += draw(encoding.cookies(given["cookie"]))
    request = Request(
        method=operation.method,
        path=draw(_paths(operation.path, dict(given["path"]))),
        query=draw(encoding.queries(query)) if query else b"",
        headers=(HOST, *headers),
        chunks=draw(encoding.chunks(body)),
    )
    return draw(encoding.disturbed(request)) if draw(noise) < 15 else request


@st.composite
def _texts(draw: st.DrawFn, parameter: Parameter, vocabulary: Vocabulary) -> Texts:
    """Draw the texts for one parameter: none, one, or several."""
    values = vocabulary.texts(parameter.schema)
    chance = draw(noise)
    if parameter.place == "path":
        count = 1
    elif vocabulary.is_list(parameter.schema):
        count = chance % 4
    elif parameter.required:
        count = 0 if chance < 8 else 2 if chance < 14 else 1
    else:
        count = 0 if chance < 35 else 2 if chance < 42 else 1
    return [(parameter.name, draw(values)) for _ in range(count)]


@st.composite
def _paths(draw: st.DrawFn, template: str, values: dict[str, str]) -> bytes:
    encode = draw(encoding.PATH_ENCODINGS)
    path = template.encode()
    for name, value in values.items():
        path = path.replace(b"{" + name.encode() + b"}", encode(value))
    return path


@st.composite
def _bodies(
    draw: st.DrawFn, bodies: dict[str, dict[str, Any]], vocabulary: Vocabulary
) -> tuple[bytes, bytes | None]:
    if not bodies:
        return draw(encoding.json_bodies({})) if draw(noise) < 4 else (b"", None)
    media = draw(st.sampled_from(sorted(bodies)))
    schema = vocabulary.resolve(bodies[media])
    if media == "application/x-www-form-urlencoded":
        return draw(encoding.form_bodies(draw(_fields(schema, vocabulary))))
    if media == "multipart/form-data":
        files = [name for name, inner in schema.get("properties", {}).items() if "binary" in repr(inner)]
        return draw(encoding.multipart_bodies(draw(_fields(schema, vocabulary)), files))
    body, kind = draw(encoding.json_bodies(draw(json_values(vocabulary, schema))))
    return body, media.encode() if kind == b"application/json" else kind


@st.composite
def _fields(draw: st.DrawFn, schema: dict[str, Any], vocabulary: Vocabulary) -> Texts:
    """Draw the fields of a form."""
    required = schema.get("required", ())
    fields: Texts = []
    for name, inner in schema.get("properties", {}).items():
        fields += draw(_texts(Parameter("form", name, name in required, inner), vocabulary))
    if draw(noise) < 10:
        fields.append((draw(any_text), draw(any_text)))
    return fields


def _authenticate(
    draw: st.DrawFn,
    scheme: dict[str, Any],
    headers: list[tuple[bytes, bytes]],
    query: Texts,
    cookies: Texts,
) -> None:
    if draw(noise) < 12:
        return
    if scheme.get("type") != "apiKey":
        headers.append((b"authorization", draw(encoding.AUTHORIZATIONS)))
        return
    key = draw(st.sampled_from(["key", "secret", "", "ü", "a b", "KEY"]))
    match scheme["in"]:
        case "query":
            query.append((scheme["name"], key))
        case "cookie":
            cookies.append((scheme["name"], key))
        case "header":
            headers.append((scheme["name"].lower().encode(), encoding.utf8(key)))
