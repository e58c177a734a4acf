"""Values for a JSON schema, as text (path, query, header, cookie, form) and as JSON: most fit it, some nearly do."""

from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
DEPTH = 4

INTEGERS = (
    "0 1 -1 2 3 5 7 10 42 99 100 101 1000 -0 +3 007 1_000 1__0 0x1f 1e3 1.0 1.5 1. .5 2147483648 "
    "9223372036854775807 9223372036854775808 -9223372036854775809 123456789012345678901234567890 ٣ ３ "
    "1,000 --1 +-1 - + 1.00000000000000000001 0.0 -0.0 1e-3 ∞ ²"
).split() + [" 4 ", "4 ", "\t4", "4\n", "\u20034", "1" * 4300, "1" * 4301, ""]
NUMBERS = (
    "0.0 -0.0 1.5 3.14159 -2.5 1e10 1E5 1e-7 1e308 1e309 -1e400 5e-324 1e-400 inf -inf Infinity +inf nan NaN -nan "
    "0.1 0.30000000000000004 1_000.5 1.5_ 0x1p3 1.2.3 1,5 2.5e 9007199254740993 99999999999999999999.99 123456.789"
).split() + [" 2.5 "]
BOOLEANS = (
    "true false True FALSE TrUe 1 0 on off ON yes no YES y n Y t f T 2 -1 1.0 0.0 truee none null o".split()
    + [" true", "true ", ""]
)
DATES = (
    "2024-02-29 2023-02-29 2024-1-1 2024-01-01T00:00:00 2024-01-01T10:00:00 0001-01-01 9999-12-31 10000-01-01 20240101 "
    "1700000000 1700006400 0 -86400 1e9 2024-13-01 2024-12-32 24-01-01 2024/01/01 86400 2024-01-01Z today"
).split()
DATETIMES = (
    "2024-02-29T12:34:56 2024-02-29T12:34:56Z 2024-02-29T12:34:56.789+02:00 2024-02-29T12:34:56.1234567 "
    "2024-02-29T24:00:00 2024-02-29T12:60 2024-02-29T12:34 20240229T123456 2024-02-29t12:34:56z 1700000000 "
    "1700000000.5 1700000000000 -1 1e20 nan 2024-02-29T12:34:56+24:00 2024-02-29T12:34:56-00:00 2024-02-29 "
    "2024-02-29T12:34:56,5 2024-02-29_12:34:56 9999-12-31T23:59:59.999999 0001-01-01T00:00:00Z"
).split() + ["2024-02-29 12:34:56", "2024-02-29 12:34:56 +0200", "2024-02-29T12:34:56 Z"]
TIMES = "12:34:56 12:34 12:34:56.789 12:34:56Z 12:34:56+01:00 24:00 23:59:60 3600 3600.5 86400 -1 noon 1:2:3".split()
DURATIONS = "P1D PT36H P1Y2M3DT4H5M6S -P1D 1:30:00 3600 1.5 1d1h P PT 1 -1 inf P1DT 10:11:12.5 1e30".split()
DURATIONS += ["1 days, 00:00:01", "-1 day, 23:59:59", "3 days"]
UUIDS = (
    "12345678-1234-5678-1234-567812345678 12345678123456781234567812345678 {12345678-1234-5678-1234-567812345678} "
    "urn:uuid:12345678-1234-5678-1234-567812345678 12345678-1234-1678-9234-56781234567G 123 "
    "12345678-1234-4678-9234-56781234567A 1234567-81234-5678-1234-567812345678 12345678-1234-5678-1234-56781234567"
).split()
ADDRESSES = (
    "a@b.co a@b a@@b.co 'a'@b.co user+tag@exämple.com http://example.com https://user:pw@example.com:8080/p?q#f "
    "ftp://x http:// example.com HTTP://EXAMPLE.COM http://exa mple.com 127.0.0.1 256.1.1.1 ::1 fe80::1%eth0 "
    "10.0.0.0/8 10.0.0.1/8 1.2.3 mailto:a@b.co http://ünïcode.de file:///tmp postgres://u:p@h/d"
).split()
WORDS = (
    "a b c abc foo bar fixed red green blue Red RED small large admin user foo-bar snake_case CamelCase items "
    "plumbus aaa aaaa aaaaaaaaaaa x y z fooquery none null undefined true 1 "
    "../etc/passwd a/b a//b a;b a,b a=b a&b <script> 50% %41 ☃ ñandú 日本語 😀 é é ﬁ ß İ"
).split() + [
    "",
    " ",
    "a b",
    " a",
    "a ",
    "\t",
    "a\nb",
    "\x00",
    "\x7f",
    "\u2028",
    '"',
    "'",
    '"quoted"',
    "\\",
    "a" * 51,
    "Z" * 300,
]

FORMATS = {
    "date": DATES,
    "date-time": DATETIMES,
    "time": TIMES,
    "duration": DURATIONS,
    "uuid": UUIDS,
    "email": ADDRESSES,
    "uri": ADDRESSES,
    "ipv4": ADDRESSES,
    "ipv6": ADDRESSES,
    "ipvanyaddress": ADDRESSES,
}
POOLS = {
    "integer": INTEGERS,
    "number": INTEGERS + NUMBERS,
    "boolean": BOOLEANS,
    "string": WORDS,
    "null": ["", "null", "None"],
}
EVERYTHING = tuple(
    dict.fromkeys(
        INTEGERS + NUMBERS + BOOLEANS + DATES + DATETIMES + TIMES + DURATIONS + UUIDS + ADDRESSES + WORDS
    )
)

any_text = st.one_of(st.sampled_from(EVERYTHING), st.text(max_size=12))
any_json = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(),
        any_text,
        st.sampled_from([0, 1, -1, 0.1, 1e308, -0.0, 10**30, 2**53 + 1, "", [], {}]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(any_text, inner, max_size=3)),
    max_leaves=6,
)
noise = st.integers(0, 99)


class Vocabulary:
    """The values that fit the schemas of one OpenAPI document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.definitions = document.get("components", {}).get("schemas", {})
        self._texts: dict[str, st.SearchStrategy[str]] = {}

    def resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.definitions.get(schema["$ref"].rsplit("/", 1)[-1], {})
        return schema

    def is_list(self, schema: Schema) -> bool:
        schema = self.resolve(schema)
        return schema.get("type") == "array" or any(map(self.is_list, schema.get("anyOf", ())))

    def texts(self, schema: Schema) -> st.SearchStrategy[str]:
        """Return the texts to send for a parameter with this schema (for one item, when it is a list)."""
        key = repr(schema)
        if key not in self._texts:
            fitting = self._fitting_texts(schema, DEPTH)
            self._texts[key] = st.one_of(fitting, fitting, fitting, st.sampled_from(EVERYTHING), any_text)
        return self._texts[key]

    def _fitting_texts(self, schema: Schema, depth: int) -> st.SearchStrategy[str]:
        schema = self.resolve(schema)
        branches = [branch for word in ("anyOf", "oneOf", "allOf") for branch in schema.get(word, ())]
        if branches and depth:
            return st.one_of([self._fitting_texts(branch, depth - 1) for branch in branches])
        if "enum" in schema or "const" in schema:
            members = [str(member) for member in schema.get("enum", [schema.get("const")])]
            return st.sampled_from(
                members * 3 + [f"{members[0]} ", members[0].upper(), members[0].title(), ""]
            )
        kind = schema.get("type")
        if kind == "array" and depth:
            return self._fitting_texts(schema.get("items", {}), depth - 1)
        pools = [st.sampled_from(FORMATS.get(schema.get("format", ""), POOLS.get(kind, WORDS)))]
        if kind in ("integer", "number"):
            bounds = [
                schema[word]
                for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
                if word in schema
            ]
            near = [str(bound + step) for bound in bounds for step in (-1, 0, 1)]
            pools += [st.sampled_from(near)] * 2 if near else []
            pools.append((st.integers(-200, 2000) if kind == "integer" else st.floats(-1e6, 1e6)).map(str))
        elif kind == "string":
            sizes = [schema[word] for word in ("minLength", "maxLength") if word in schema]
            near = ["x" * max(0, size + step) for size in sizes for step in (-1, 0, 1)]
            pools += [st.sampled_from(near)] * 2 if near else []
            if "pattern" in schema and "\\" not in schema["pattern"]:
                pools += [st.from_regex(schema["pattern"])] * 2
        return st.one_of(pools)


@st.composite
def json_values(draw: st.DrawFn, vocabulary: Vocabulary, schema: Schema, depth: int = DEPTH) -> Any:
    """Draw a JSON value that fits the schema, except where chance breaks it."""
    schema = vocabulary.resolve(schema)
    if draw(noise) < 4 or not depth:
        return draw(any_json)
    branches = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if branches:
        return draw(json_values(vocabulary, draw(st.sampled_from(branches)), depth))
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            return draw(_objects(vocabulary, schema, depth))
        case "array":
            prefix = [
                draw(json_values(vocabulary, item, depth - 1)) for item in schema.get("prefixItems", ())
            ]
            size = 0 if prefix else draw(st.integers(0, 3))
            items = [draw(json_values(vocabulary, schema.get("items") or {}, depth - 1)) for _ in range(size)]
            return prefix + items + (items[:1] if draw(noise) < 10 else [])
        case "integer":
            return _number(draw, draw(vocabulary.texts(schema)), int)
        case "number":
            return _number(draw, draw(vocabulary.texts(schema)), float)
        case "boolean":
            return draw(st.sampled_from([True, False] * 4 + [0, 1, "true", "off", 2, None]))
        case "null":
            return None
        case "string":
            return draw(vocabulary.texts(schema))
    return draw(any_json)


@st.composite
def _objects(draw: st.DrawFn, vocabulary: Vocabulary, schema: Schema, depth: int) -> dict[str, Any]:
    required = schema.get("required", ())
    value = {}
    for name, inner in schema.get("properties", {}).items():
        if draw(noise) < (93 if name in required else 60):
            value[name] = draw(json_values(vocabulary, inner, depth - 1))
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        names = draw(st.lists(st.sampled_from(EVERYTHING), max_size=3))
        value.update({name: draw(json_values(vocabulary, extra, depth - 1)) for name in names})
    if draw(noise) < 10:
        value[draw(any_text)] = draw(any_json)
    return value


def _number(draw: st.DrawFn, text: str, kind: type) -> Any:
    """Return the number that ``text`` spells; sometimes, and where it spells none, the text itself."""
    try:
        value = kind(text)
    except ValueError:
        return text
    return text if draw(noise) < 10 else value
