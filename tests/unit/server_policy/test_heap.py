"""The collector does not look at what start-up has left, as long as requests are served."""

import gc
import weakref

from fastapi.server.heap import settled


class Node:
    """Something in a cycle."""

    def __init__(self) -> None:
        self.self = self


def test_what_is_there_is_frozen_and_given_back() -> None:
    before = gc.get_freeze_count()
    with settled():
        assert gc.get_freeze_count() > before
    assert gc.get_freeze_count() <= before


def test_garbage_is_not_kept() -> None:
    node = weakref.ref(Node())
    with settled():
        assert node() is None


def test_who_has_frozen_objects_keeps_them_frozen() -> None:
    gc.freeze()
    try:
        # Frozen objects still go when the last reference to them does.
        count = gc.get_freeze_count()
        with settled():
            assert 0 < gc.get_freeze_count() <= count
        assert 0 < gc.get_freeze_count() <= count
    finally:
        gc.unfreeze()


def test_a_collector_that_is_off_is_left_alone() -> None:
    before = gc.get_freeze_count()
    gc.disable()
    try:
        with settled():
            assert gc.get_freeze_count() == before
    finally:
        gc.enable()
