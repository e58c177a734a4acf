"""Values for a JSON schema, as text (path, query, header, cookie, form) and as JSON: most fit it, some nearly do."""

from typing import Any

from hypothesis import strategies as st

from .words import EVERYTHING, FORMATS, POOLS, WORDS

Schema = dict[str, Any]
DEPTH = 4


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
