"""``Depends`` and ``Security`` are values: equal, hashable and represented by what they hold."""

import dataclasses
from typing import Any

import pytest

from fastapi import Depends, Security, params


def dependency() -> None: ...


def test_equal_declarations_are_equal_and_have_one_hash() -> None:
    assert Depends(dependency) == Depends(dependency)
    assert len({Depends(dependency), Depends(dependency), Depends(dependency, use_cache=False)}) == 2
    assert Depends(dependency, scope="function") != Depends(dependency, scope="request")


def test_security_is_not_equal_to_depends() -> None:
    assert Security(dependency) != Depends(dependency)
    assert isinstance(Security(dependency), params.Depends)


def test_security_is_hashable_as_far_as_its_scopes() -> None:
    assert hash(Security(dependency, scopes=("a",))) == hash(Security(dependency, scopes=("a",)))
    with pytest.raises(TypeError, match="unhashable"):
        hash(Security(dependency, scopes=["a"]))


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        (Depends(), "Depends(dependency=None, use_cache=True, scope=None)"),
        (Depends(int, use_cache=False), "Depends(dependency=<class 'int'>, use_cache=False, scope=None)"),
        (
            Security(int, scopes=["a"]),
            "Security(dependency=<class 'int'>, use_cache=True, scope=None, scopes=['a'])",
        ),
    ],
)
def test_what_is_held_is_shown(declared: Any, shown: str) -> None:
    assert repr(declared) == shown


def test_a_declaration_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Depends(dependency).use_cache = False
