"""The many ways, right and wrong, in which text is put on the wire."""

import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

from . import multipart
from .request import Request
from .values import any_text, noise


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _every_byte(text: str) -> bytes:
    return b"".join(b"%%%02x" % byte for byte in utf8(text))


def _plain(text: str) -> bytes:
    return quote(utf8(text), safe="").encode()


def _raw(text: str) -> bytes:
    return utf8(text).replace(b"&", b"%26")


QUERY_ENCODINGS = st.sampled_from(
    [_plain] * 10
    + [
        lambda text: quote_plus(utf8(text)).encode(),
        lambda text: quote(utf8(text), safe="/:;,@!$'()*").encode(),
        _every_byte,
        _raw,
        lambda text: text.encode("latin-1", "replace").replace(b"&", b"%26"),
        lambda text: quote(text.encode("latin-1", "replace")).encode(),
        lambda text: _plain(text) + b"%",
        lambda text: _plain(text) + b"%zz%4",
        lambda text: b"%ff%c3" + _plain(text),
        lambda text: b"%ed%a0%80" + _plain(text),
        lambda text: b"+" + _plain(text) + b"+",
        lambda text: _plain(text) + b"=" + _plain(text),
        lambda text: _plain(text) + b"#x",
    ]
)
PATH_ENCODINGS = st.sampled_from(
    [_plain] * 10
    + [
        _every_byte,
        lambda text: quote(utf8(text), safe="/:;,@!$'()*+&=").encode(),
        lambda text: quote(utf8(text), safe="/").encode() + b"/",
        lambda text: b"%ff" + _plain(text),
        lambda text: _plain(text) + b"%2F",
        lambda text: _plain(text) + b"%2f%2e%2e",
        lambda text: _plain(text) + b"%00",
        lambda text: _plain(text) + b"%0A",
        lambda text: _plain(text) + b"%",
        lambda text: _plain(_plain(text).decode()),
        lambda text: b"",
    ]
)
HEADER_ENCODINGS = st.sampled_from(
    [lambda text: text.encode("latin-1", "replace")] * 8
    + [
        utf8,
        lambda text: b" " + utf8(text) + b"\t",
        lambda text: b'"' + utf8(text) + b'"',
        lambda text: utf8(text) + b"," + utf8(text),
        lambda text: utf8(text) + b"\xff\xfe",
    ]
)
COOKIE_ENCODINGS = st.sampled_from(
    [utf8] * 6
    + [
        _plain,
        lambda text: b'"' + utf8(text) + b'"',
        lambda text: b'"' + utf8(text),
        lambda text: b" " + utf8(text) + b" ",
        lambda text: utf8(text) + b"; Path=/; HttpOnly",
        lambda text: b'"\\303\\251\\054' + utf8(text) + b'"',
        lambda text: utf8(text) + b",b=c",
        lambda text: utf8(text) + b"==",
    ]
)

Pairs = list[tuple[str, str]]


@st.composite
def queries(draw: st.DrawFn, pairs: Pairs) -> bytes:
    """Draw a query string (or form body) that holds these pairs."""
    encode = draw(QUERY_ENCODINGS)
    parts = []
    for name, value in pairs:
        style = draw(noise)
        part = _plain(name) + b"=" + encode(value)
        if style < 3:
            part = _plain(name)
        elif style < 5:
            part = _every_byte(name) + b"=" + encode(value)
        elif style < 7:
            part = _plain(name.upper()) + b"=" + encode(value)
        elif style < 8:
            part = _plain(name) + b"[]=" + encode(value)
        parts.append(part)
    separator = draw(st.sampled_from([b"&"] * 30 + [b";", b"&&", b"&amp;", b"&=&", b"& "]))
    extra = draw(
        st.sampled_from([b""] * 30 + [b"&", b"&=", b"&a", b"&%", b"&%ff=%fe", b"&\xff", b"&__proto__=1"])
    )
    return separator.join(parts) + extra


@st.composite
def cookies(draw: st.DrawFn, pairs: Pairs) -> list[tuple[bytes, bytes]]:
    """Draw the ``cookie`` headers that hold these pairs."""
    if not pairs and draw(noise) < 80:
        return []
    parts = [utf8(name) + b"=" + draw(COOKIE_ENCODINGS)(value) for name, value in pairs]
    odd = [
        b"",
        b"=",
        b"=v",
        b"novalue",
        b"$Version=1",
        b"a b=c",
        b"\xc3\xa9=1",
        b"k=v=w",
        b"x;y",
        b",",
        b"a=\xff",
    ]
    if draw(noise) < 20:
        parts.insert(draw(st.integers(0, len(parts))), draw(st.sampled_from(odd)))
    separator = draw(st.sampled_from([b"; "] * 12 + [b";", b" ; ", b", ", b";;"]))
    if len(parts) > 1 and draw(noise) < 8:
        return [(b"cookie", parts[0]), (b"cookie", separator.join(parts[1:]))]
    return [(b"cookie", separator.join(parts))]


CREDENTIALS = [
    b"user:password",
    b"user:",
    b":",
    b"user",
    b"",
    "ü:é".encode(),
    b"\xff:\xfe",
    b"user:pass:word",
    b"admin:secret",
]
AUTHORIZATIONS = st.sampled_from(
    [
        *(b"Basic " + base64.b64encode(pair) for pair in CREDENTIALS),
        *(
            b"Bearer " + token
            for token in (b"token", b"admin", b"a b", b"", b"\xff", b"token,token", b" token")
        ),
        *(b"Digest " + value for value in (b'username="u", realm="r"', b"", b"x")),
        *(b"bearer token", b"BEARER token", b"basic dXNlcjpwYXNz", b"BaSiC dXNlcjpwYXNz", b"digest x"),
        *(
            b"Bearer",
            b"Basic",
            b"token",
            b"",
            b" ",
            b" Bearer token",
            b"Bearer  token",
            b"Bearer\ttoken",
            b"Bearer token ",
        ),
        *(
            b"Basic !!!",
            b"Basic dXNlcjpwYXNz=",
            b"Basic dXNlcjpwYXN",
            b"Basic dXNlcjpwYXNz x",
            b"Basic dXNl\ncjpwYXNz",
        ),
        *(
            b"Basic dXNlcjpwYXNz====",
            b"Basic \xc3\xbc",
            b"Negotiate x",
            b"Basic dXNl cjpwYXNz",
            b"Token token=token",
        ),
    ]
)

JSON_TYPES = [b"application/json"] * 12 + [
    b"application/json; charset=utf-8",
    b"Application/JSON",
    b"application/problem+json",
    b"application/vnd.api+json; version=1",
    b"application/json;charset=latin-1",
    b"application/JSON ;x=y",
    b" application/json",
    b"application/json,application/json",
    b"application/x-json",
    b"application/jsonp",
    b"text/plain",
    b"text/json",
    b"application/",
    b"application",
    b"json",
    b"",
    b";",
    b"application/octet-stream",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data",
    b'application/json; x="',
    b"\xff/\xfe",
    None,
    None,
]
BROKEN_JSON = [
    b"",
    b" ",
    b"null",
    b"{",
    b"}",
    b"[",
    b"[1,]",
    b"{,}",
    b'{"a":}',
    b'{"a" 1}',
    b"{'a': 1}",
    b'{"a": 1}}',
    b"nul",
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"[NaN]",
    b"01",
    b"1.",
    b".5",
    b"+1",
    b"1e999",
    b'"\\ud800"',
    b'"\\ud83d\\ude00"',
    b'"\\x"',
    b'"tab\there"',
    b'"\x00"',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    '{"a": 1}'.encode("utf-16"),
    '{"a": 1}'.encode("utf-32-le"),
    b'"\xc3"',
    b"/* c */ 1",
    b'{"a": 1, "a": 2}',
    b"[" * 500 + b"]" * 500,
    b"[" * 100_000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
    b"9" * 5000,
    b"-0",
    b"1E400",
    b"a=1&b=2",
    b"--x\r\n",
    b"true false",
    b'"unterminated',
    b"{}\n\n",
    b"\n{}\r\n\t ",
    b'{"a": [1, 2, {"b": ]}',
    "“quotes”".encode(),
]


def _spellings(value: Any) -> list[bytes]:
    """Return one value as JSON in several spellings."""
    compact = json.dumps(value, separators=(",", ":")).encode()
    try:
        unescaped = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except UnicodeEncodeError:
        unescaped = compact
    return [
        *[compact] * 8,
        *[unescaped] * 4,
        json.dumps(value, indent=2).encode(),
        b" \r\n\t" + compact + b"\n",
        compact.decode().encode("utf-16"),
        compact.decode().encode("utf-8-sig"),
        compact[:-1],
        compact + b",",
        compact[: len(compact) // 2],
        compact.replace(b'"', b"'"),
        compact.replace(b":", b": \x0b"),
        b"[" + compact + b"]",
        compact + b"\x00",
    ]


@st.composite
def json_bodies(draw: st.DrawFn, value: Any) -> tuple[bytes, bytes | None]:
    """Draw body and content type that carry ``value`` as JSON, or something that is none."""
    body = draw(st.sampled_from(BROKEN_JSON if draw(noise) < 12 else _spellings(value)))
    return body, draw(st.sampled_from(JSON_TYPES))


FORM_TYPES = [b"application/x-www-form-urlencoded"] * 12 + [
    b"application/x-www-form-urlencoded; charset=utf-8",
    b"Application/X-WWW-Form-Urlencoded",
    b"application/json",
    b"multipart/form-data",
    b"multipart/form-data; boundary=",
    b"text/plain",
    b"",
    None,
]


@st.composite
def form_bodies(draw: st.DrawFn, pairs: Pairs) -> tuple[bytes, bytes | None]:
    """Draw an urlencoded body and its content type."""
    return draw(queries(pairs)), draw(st.sampled_from(FORM_TYPES))


FILENAMES = ["a.txt", "b.png", "", None, "ñ.txt", "a;b.txt", "../../x", 'q\\"uote', "日本.bin", "a" * 300]
MULTIPART_TYPES = [
    *[multipart.content_type()] * 14,
    b'multipart/form-data; boundary="----differential"',
    b"Multipart/Form-Data; Boundary=----differential",
    b"multipart/form-data; charset=latin-1; boundary=----differential",
    b"multipart/form-data; charset=nonsense; boundary=----differential",
    b"multipart/form-data",
    b"multipart/form-data; boundary=other",
    b"multipart/form-data; boundary=" + b"x" * 300,
    b"multipart/mixed; boundary=----differential",
    b"application/x-www-form-urlencoded",
    b"application/json",
    None,
]


@st.composite
def multipart_bodies(draw: st.DrawFn, pairs: Pairs, files: list[str]) -> tuple[bytes, bytes | None]:
    """Draw a multipart body (``files`` names the fields that are uploads) and its content type."""
    parts: list[multipart.Part] = []
    for name, value in pairs:
        is_file = (name in files) != (draw(noise) < 6)
        filename = draw(st.sampled_from(FILENAMES)) if is_file else None
        kind = draw(
            st.sampled_from([None, None, "text/plain", "image/png", "application/json", "a/b; c=d", "", "ü"])
        )
        parts.append((name, filename, kind if is_file or draw(noise) < 10 else None, utf8(value)))
    body = multipart.encode(parts)
    breakages = [
        lambda body: body[:-4],
        lambda body: body[: len(body) // 2],
        lambda body: body.replace(b"\r\n", b"\n"),
        lambda body: body.replace(b"form-data", b"attachment"),
        lambda body: body.replace(b'name="', b'nom="'),
        lambda body: body.replace(b"Content-Disposition", b"content-disposition"),
        lambda body: body.replace(b"Content-Disposition: ", b"Content-Disposition "),
        lambda body: b"preamble\r\n" + body + b"epilogue",
        lambda body: b"",
        lambda body: b"--" + multipart.BOUNDARY + b"--\r\n",
        lambda body: body + body,
        lambda body: b"\r\n" + body,
        lambda body: body.replace(b'"', b""),
        lambda body: body.replace(b"\r\n\r\n", b"\r\nX-Part: 1\r\n\r\n", 1),
        lambda body: body.replace(b"\r\n\r\n", b"\r\n", 1),
    ]
    if draw(noise) < 25:
        body = draw(st.sampled_from(breakages))(body)
    return body, draw(st.sampled_from(MULTIPART_TYPES))


@st.composite
def chunks(draw: st.DrawFn, body: bytes) -> tuple[bytes, ...]:
    """Draw how a body is cut into the chunks in which it arrives."""
    if draw(noise) < 85 or not body:
        return (body,)
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), min_size=1, max_size=3)))
    return tuple(body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True))


METHODS = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "get",
    "FOO",
    "QUERY",
    "",
]
EXTRA_HEADERS = [
    (b"accept", b"*/*"),
    (b"accept-encoding", b"gzip"),
    (b"x-forwarded-for", b"1.2.3.4"),
    (b"x-forwarded-prefix", b"/proxy"),
    (b"origin", b"http://example.com"),
    (b"range", b"bytes=0-3"),
    (b"range", b"bytes=3-1"),
    (b"if-none-match", b"*"),
    (b"access-control-request-method", b"POST"),
    (b"content-length", b"5"),
    (b"x-unknown", b"\xff"),
    (b"x_unknown", b"1"),
    (b"", b""),
    (b"host", b"other.example.com:8080"),
    (b"host", b"\xff"),
]
QUERY_TAILS = [
    b"",
    b"a",
    b"=",
    b"a=1",
    b"%",
    b"%zz",
    b"%ff=1",
    b"a=1&a=2",
    b";",
    b"\xff=\xfe",
    b"a=%00",
    b"+=+",
]
PATH_CHANGES = st.sampled_from(
    [
        lambda path: path + b"/",
        lambda path: path.rstrip(b"/"),
        lambda path: path.replace(b"/", b"//", 1),
        lambda path: b"/" + path,
        lambda path: path + b"%20",
        lambda path: path + b"%0a",
        lambda path: path.upper(),
        lambda path: path + b"/extra",
        lambda path: path.replace(b"/", b"%2f", 1),
        lambda path: path.rsplit(b"/", 1)[0] or b"/",
        lambda path: path.replace(b"e", b"%65"),
        lambda path: path + b";x=1",
        lambda path: b"",
        lambda path: b"*",
    ]
)


@st.composite
def disturbed(draw: st.DrawFn, request: Request) -> Request:
    """Draw the request with one thing about it changed that no document speaks of."""
    fields = {name: getattr(request, name) for name in request.wire()}
    headers = list(request.headers)
    match draw(st.integers(0, 8)):
        case 0:
            fields["method"] = draw(st.sampled_from(METHODS))
        case 1:
            fields["path"] = draw(PATH_CHANGES)(request.path)
        case 2:
            headers.insert(draw(st.integers(0, len(headers))), draw(st.sampled_from(EXTRA_HEADERS)))
        case 3 if headers:
            headers.pop(draw(st.integers(0, len(headers) - 1)))
        case 4 if headers:
            name, value = headers[draw(st.integers(0, len(headers) - 1))]
            headers.append((name, draw(st.sampled_from([value, b"", utf8(draw(any_text))]))))
        case 5:
            tail = draw(st.sampled_from(QUERY_TAILS))
            fields["query"] = request.query + b"&" + tail if request.query else tail
        case 6:
            fields["root_path"] = draw(st.sampled_from(["/proxy", "/proxy/", "/api/v1"]))
        case 7:
            fields["chunks"] = draw(chunks(request.body))
            fields["disconnect"] = draw(noise) < 30 and not request.is_websocket
        case 8:
            body = draw(st.sampled_from([*BROKEN_JSON, request.body[:-1], request.body * 2]))
            fields["chunks"] = (body,)
    fields["headers"] = tuple(headers)
    return Request(**fields)
