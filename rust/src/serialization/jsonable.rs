//! `jsonable`: the walk of `jsonable_encoder`, handing to the reference what it does not know.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple};
use std::cell::RefCell;

use super::kinds::{Classes, Kind};

/// Containers inside containers that are walked here; deeper ones are the reference's, whose recursion
/// limit ends cycles.
const MAX_DEPTH: usize = 64;

/// Keys that begin so are SQLAlchemy's bookkeeping on its instances.
pub(super) const SQLALCHEMY_PREFIX: &str = "_sa";

/// A one-tuple of what `fastapi.encoders.jsonable_encoder` returns for `value` without a custom encoder.
///
/// `options` are `include`, `exclude`, `by_alias`, `exclude_unset`, `exclude_defaults`, `exclude_none` and
/// `sqlalchemy_safe`. `encoders` maps an exact type to the function that encodes its instances. A part of
/// `value` that is of no known kind is given to `reference`, the slow twin, with the arguments that it would
/// get there. `None` when `options` are not of the plain types; nothing has been called then.
///
/// # Errors
/// Whatever the encoders, models, iterators and `reference` raise.
#[pyfunction]
pub fn jsonable<'py>(
    value: &Bound<'py, PyAny>,
    options: &Bound<'py, PyAny>,
    encoders: &Bound<'py, PyAny>,
    reference: &Bound<'py, PyAny>,
) -> PyResult<Option<(Bound<'py, PyAny>,)>> {
    let (Ok(options), Ok(encoders)) = (
        options.cast_exact::<PyTuple>(),
        encoders.cast_exact::<PyDict>(),
    ) else {
        return Ok(None);
    };
    let Some(options) = Options::read(options.as_slice()) else {
        return Ok(None);
    };
    let walk = Walk {
        py: value.py(),
        classes: Classes::get(value.py())?,
        encoders,
        reference,
        model_arguments: RefCell::new(None),
    };
    Ok(Some((walk.encode(value, options, 0)?,)))
}

/// The arguments of `jsonable_encoder` besides the object.
#[derive(Clone, Copy)]
struct Options<'a, 'py> {
    include: Option<&'a Bound<'py, PyAny>>,
    exclude: Option<&'a Bound<'py, PyAny>>,
    by_alias: bool,
    exclude_unset: bool,
    exclude_defaults: bool,
    exclude_none: bool,
    sqlalchemy_safe: bool,
}

impl<'a, 'py> Options<'a, 'py> {
    fn read(options: &'a [Bound<'py, PyAny>]) -> Option<Self> {
        let [include, exclude, flags @ ..] = options else {
            return None;
        };
        let mut values = [false; 5];
        if flags.len() != values.len() {
            return None;
        }
        for (value, flag) in values.iter_mut().zip(flags) {
            *value = flag.cast_exact::<PyBool>().ok()?.is_true();
        }
        let [
            by_alias,
            exclude_unset,
            exclude_defaults,
            exclude_none,
            sqlalchemy_safe,
        ] = values;
        let [include, exclude] = [names(include)?, names(exclude)?];
        Some(Options {
            include,
            exclude,
            by_alias,
            exclude_unset,
            exclude_defaults,
            exclude_none,
            sqlalchemy_safe,
        })
    }

    /// What the keys and values of a dict are encoded with.
    fn of_entries(self) -> Self {
        Options {
            include: None,
            exclude: None,
            exclude_defaults: false,
            ..self
        }
    }

    /// What a model's dump is encoded with.
    fn of_dump(self) -> Self {
        Options {
            include: None,
            exclude: None,
            by_alias: true,
            exclude_unset: false,
            ..self
        }
    }

    fn same(&self, other: &Self) -> bool {
        let identical = |one: Option<&Bound<'py, PyAny>>, two: Option<&Bound<'py, PyAny>>| {
            one.map(|value| value.as_ptr()) == two.map(|value| value.as_ptr())
        };
        identical(self.include, other.include)
            && identical(self.exclude, other.exclude)
            && self.flags() == other.flags()
    }

    fn flags(&self) -> [bool; 4] {
        [
            self.by_alias,
            self.exclude_unset,
            self.exclude_defaults,
            self.exclude_none,
        ]
    }

    fn keeps(&self, key: &Bound<'py, PyAny>) -> PyResult<bool> {
        Ok(self.include.map_or(Ok(true), |names| names.contains(key))?
            && !self
                .exclude
                .map_or(Ok(false), |names| names.contains(key))?)
    }
}

/// Names to include or exclude: the outer option is "certain", the inner one "given".
fn names<'a, 'py>(value: &'a Bound<'py, PyAny>) -> Option<Option<&'a Bound<'py, PyAny>>> {
    if value.is_none() {
        Some(None)
    } else if value.is_exact_instance_of::<PySet>() || value.is_exact_instance_of::<PyDict>() {
        Some(Some(value))
    } else {
        None
    }
}

struct Walk<'a, 'py> {
    py: Python<'py>,
    classes: &'a Classes,
    encoders: &'a Bound<'py, PyDict>,
    reference: &'a Bound<'py, PyAny>,
    /// Keyword arguments of the last `model_dump`: the models of a list share them.
    model_arguments: RefCell<Option<(Options<'a, 'py>, Bound<'py, PyDict>)>>,
}

impl<'a, 'py> Walk<'a, 'py> {
    fn encode(
        &self,
        value: &Bound<'py, PyAny>,
        options: Options<'a, 'py>,
        depth: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        if value.is_exact_instance_of::<PyString>()
            || value.is_exact_instance_of::<PyInt>()
            || value.is_none()
            || value.is_exact_instance_of::<PyFloat>()
            || value.is_exact_instance_of::<PyBool>()
        {
            return Ok(value.clone());
        }
        if depth == MAX_DEPTH {
            return self.ask_reference(value, options);
        }
        if let Ok(dict) = value.cast_exact::<PyDict>() {
            return self.encode_dict(dict, options, depth + 1);
        }
        if value.is_exact_instance_of::<PyList>()
            || value.is_exact_instance_of::<PyTuple>()
            || value.is_exact_instance_of::<PySet>()
            || value.is_exact_instance_of::<PyFrozenSet>()
        {
            return self.encode_items(value, options, depth + 1);
        }
        match self.classes.kind_of(value)? {
            Kind::Model => {
                let arguments = self.arguments_of_dump(options)?;
                let dump =
                    value.call_method(intern!(self.py, "model_dump"), (), Some(&arguments))?;
                self.encode(&dump, options.of_dump(), depth + 1)
            }
            Kind::Dataclass => {
                static ASDICT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
                let fields = ASDICT
                    .import(self.py, "dataclasses", "asdict")?
                    .call1((value,))?;
                self.encode(&fields, options, depth + 1)
            }
            Kind::Enum => value.getattr(intern!(self.py, "value")),
            Kind::Path => Ok(value.str()?.into_any()),
            Kind::Scalar => Ok(value.clone()),
            Kind::Undefined => Ok(self.py.None().into_bound(self.py)),
            Kind::Iterable => self.encode_items(value, options, depth + 1),
            Kind::Other => match self.encoders.get_item(value.get_type())? {
                Some(encoder) => encoder.call1((value,)),
                None => self.ask_reference(value, options),
            },
            Kind::Mapping | Kind::Doubtful => self.ask_reference(value, options),
        }
    }

    fn encode_items(
        &self,
        items: &Bound<'py, PyAny>,
        options: Options<'a, 'py>,
        depth: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let encoded = PyList::empty(self.py);
        for item in items.try_iter()? {
            encoded.append(self.encode(&item?, options, depth)?)?;
        }
        Ok(encoded.into_any())
    }

    /// Iterates the view, not the dict: encoders may change the dict, which Python's iterator detects.
    fn encode_dict(
        &self,
        dict: &Bound<'py, PyDict>,
        options: Options<'a, 'py>,
        depth: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let of_entries = options.of_entries();
        let encoded = PyDict::new(self.py);
        for entry in dict.call_method0(intern!(self.py, "items"))?.try_iter()? {
            let entry = entry?.cast_into::<PyTuple>()?;
            let (key, value) = (entry.get_borrowed_item(0)?, entry.get_borrowed_item(1)?);
            if (options.sqlalchemy_safe && is_bookkeeping(&key)?)
                || (options.exclude_none && value.is_none())
                || !options.keeps(&key)?
            {
                continue;
            }
            let key = self.encode(&key, of_entries, depth)?;
            let value = self.encode(&value, of_entries, depth)?;
            encoded.set_item(key, value)?;
        }
        Ok(encoded.into_any())
    }

    fn arguments_of_dump(&self, options: Options<'a, 'py>) -> PyResult<Bound<'py, PyDict>> {
        if let Some((of, arguments)) = &*self.model_arguments.borrow()
            && of.same(&options)
        {
            return Ok(arguments.clone());
        }
        let arguments = PyDict::new(self.py);
        arguments.set_item(intern!(self.py, "mode"), intern!(self.py, "json"))?;
        arguments.set_item(intern!(self.py, "include"), options.include)?;
        arguments.set_item(intern!(self.py, "exclude"), options.exclude)?;
        arguments.set_item(intern!(self.py, "by_alias"), options.by_alias)?;
        arguments.set_item(intern!(self.py, "exclude_unset"), options.exclude_unset)?;
        arguments.set_item(intern!(self.py, "exclude_none"), options.exclude_none)?;
        arguments.set_item(
            intern!(self.py, "exclude_defaults"),
            options.exclude_defaults,
        )?;
        *self.model_arguments.borrow_mut() = Some((options, arguments.clone()));
        Ok(arguments)
    }

    fn ask_reference(
        &self,
        value: &Bound<'py, PyAny>,
        options: Options<'a, 'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let no_custom_encoder = self.py.None();
        self.reference.call1((
            value,
            options.include,
            options.exclude,
            options.by_alias,
            options.exclude_unset,
            options.exclude_defaults,
            options.exclude_none,
            no_custom_encoder,
            options.sqlalchemy_safe,
        ))
    }
}

fn is_bookkeeping(key: &Bound<'_, PyAny>) -> PyResult<bool> {
    if let Ok(text) = key.cast_exact::<PyString>()
        && let Ok(text) = text.to_str()
    {
        return Ok(text.starts_with(SQLALCHEMY_PREFIX));
    }
    Ok(key.is_instance_of::<PyString>()
        && key
            .call_method1(intern!(key.py(), "startswith"), (SQLALCHEMY_PREFIX,))?
            .is_truthy()?)
}

#[cfg(test)]
mod tests {
    use super::jsonable;
    use pyo3::prelude::*;
    use pyo3::types::PyDict;
    use std::ffi::CStr;

    /// Classes to encode. pydantic is no dependency of the tests; what the walk asks of it is this little.
    const PRELUDE: &CStr = c"
import sys, types
from collections import OrderedDict, deque, namedtuple
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath

class BaseModel:
    def __init__(self, dump):
        self.dump = dump
    def model_dump(self, **arguments):
        return self.dump(arguments) if callable(self.dump) else self.dump

class PydanticUndefinedType:
    pass

for name in ('pydantic', 'pydantic_core'):
    stub = sys.modules.setdefault(name, types.ModuleType(name))
    stub.__dict__.setdefault('BaseModel', BaseModel)
    stub.__dict__.setdefault('PydanticUndefinedType', PydanticUndefinedType)
BaseModel = sys.modules['pydantic'].BaseModel
Undefined = sys.modules['pydantic_core'].PydanticUndefinedType

@dataclass
class Point:
    x: int
    y: object

class Colour(str, Enum):
    RED = 'red'

class Name(str):
    pass

class Liar:
    __class__ = str

Pair = namedtuple('Pair', 'one two')
OPTIONS = (None, None, True, False, False, False, True)
ENCODERS = {Decimal: float, bytes: bytes.decode}

def reference(*arguments):
    return ('reference', *arguments)
";

    fn with_prelude(check: impl FnOnce(Python<'_>, &dyn Fn(&CStr) -> Py<PyAny>)) {
        Python::attach(|py| {
            let names = PyDict::new(py);
            py.run(PRELUDE, Some(&names), None).unwrap();
            check(py, &|code| {
                py.eval(code, Some(&names), None).unwrap().unbind()
            });
        });
    }

    #[test]
    fn every_known_kind_is_encoded() {
        with_prelude(|py, eval| {
            let (encoders, reference) = (eval(c"ENCODERS"), eval(c"reference"));
            for (value, options, expected) in [
                (c"{'a': (1, {2}), 'b': None}", c"OPTIONS", c"{'a': [1, [2]], 'b': None}"),
                (c"{'_sa_state': 1, 'b': 2}", c"OPTIONS", c"{'b': 2}"),
                (c"{'_sa_state': 1}", c"(None, None, True, False, False, False, False)", c"{'_sa_state': 1}"),
                (c"{'a': None, 'b': [None]}", c"(None, None, True, False, False, True, True)", c"{'b': [None]}"),
                (c"[{'a': 1, 'b': {'a': 1}}]", c"({'b'}, None, True, False, False, False, True)", c"[{'b': {'a': 1}}]"),
                (c"{'a': 1, 'b': 2}", c"(None, {'b': ...}, True, False, False, False, True)", c"{'a': 1}"),
                (c"Point(1, [Decimal('1.5')])", c"OPTIONS", c"{'x': 1, 'y': [1.5]}"),
                (c"[Colour.RED, PurePosixPath('/a'), Name('n'), Undefined(), b'x']", c"OPTIONS", c"['red', '/a', 'n', None, 'x']"),
                (c"(deque([1]), frozenset([2]), (n for n in [3]), Pair(4, 5))", c"OPTIONS", c"[[1], [2], [3], [4, 5]]"),
                (c"BaseModel({'a': 1, '_sa': 2})", c"OPTIONS", c"{'a': 1}"),
                (
                    c"BaseModel(list)",
                    c"({'a'}, None, False, True, True, False, True)",
                    c"['mode', 'include', 'exclude', 'by_alias', 'exclude_unset', 'exclude_none', 'exclude_defaults']",
                ),
            ] {
                let (value, options) = (eval(value), eval(options));
                let (encoded,) =
                    jsonable(value.bind(py), options.bind(py), encoders.bind(py), reference.bind(py))
                        .unwrap()
                        .unwrap();
                let expected = eval(expected);
                assert!(encoded.eq(expected.bind(py)).unwrap(), "{encoded:?} is not {expected:?}");
            }
        });
    }

    #[test]
    fn what_is_not_known_goes_to_the_reference_with_the_arguments_of_its_place() {
        with_prelude(|py, eval| {
            let options = eval(c"({'a'}, {'b'}, False, True, True, True, True)");
            let (encoders, reference) = (eval(c"ENCODERS"), eval(c"reference"));
            for value in [c"object()", c"object", c"OrderedDict()", c"Liar()", c"3j"] {
                let value = eval(value);
                let inside = pyo3::types::PyList::new(py, [value.bind(py)]).unwrap();
                let (encoded,) = jsonable(
                    &inside,
                    options.bind(py),
                    encoders.bind(py),
                    reference.bind(py),
                )
                .unwrap()
                .unwrap();
                let asked = encoded.get_item(0).unwrap();
                assert!(asked.get_item(1).unwrap().is(&value));
                let arguments = asked.call_method1(
                    "__getitem__",
                    (py.eval(c"slice(2, None)", None, None).unwrap(),),
                );
                let expected = eval(c"({'a'}, {'b'}, False, True, True, True, None, True)");
                assert!(arguments.unwrap().eq(expected.bind(py)).unwrap());
            }
        });
    }

    #[test]
    fn odd_arguments_are_left_to_the_reference() {
        with_prelude(|py, eval| {
            let (plain, odd, encoders) = (eval(c"[]"), eval(c"reference"), eval(c"ENCODERS"));
            for options in [
                c"None",
                c"()",
                c"OPTIONS + (True,)",
                c"(['a'], None, True, False, False, False, True)",
                c"(None, frozenset(), True, False, False, False, True)",
                c"(None, None, 1, False, False, False, True)",
            ] {
                let options = eval(options);
                assert!(
                    jsonable(
                        plain.bind(py),
                        options.bind(py),
                        encoders.bind(py),
                        odd.bind(py)
                    )
                    .unwrap()
                    .is_none()
                );
            }
            let options = eval(c"OPTIONS");
            assert!(
                jsonable(plain.bind(py), options.bind(py), odd.bind(py), odd.bind(py))
                    .unwrap()
                    .is_none()
            );
        });
    }

    #[test]
    fn depth_ends_at_the_reference() {
        with_prelude(|py, eval| {
            let (options, encoders) = (eval(c"OPTIONS"), eval(c"ENCODERS"));
            let cycle = eval(c"(lambda items: items.append(items) or items)([])");
            let reference = eval(c"lambda *arguments: 'deep'");
            let (encoded,) = jsonable(
                cycle.bind(py),
                options.bind(py),
                encoders.bind(py),
                reference.bind(py),
            )
            .unwrap()
            .unwrap();
            assert!(encoded.str().unwrap().to_string().contains("[['deep']]"));
        });
    }
}
