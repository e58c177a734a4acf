"""What start-up leaves behind, kept out of the garbage collector's way while requests are served."""

import contextlib
import gc
from collections.abc import Iterator
from typing import Final

_BEFORE: Final = gc.get_freeze_count()
"""Objects that CPython 3.12 has frozen itself when it starts; other versions freeze none."""


@contextlib.contextmanager
def settled() -> Iterator[None]:
    """Tell the collector not to look at the objects that there are now, until the block is left.

    Modules, classes and routes outlive every request. Looking at all of them again and again, as the collector does
    when many requests are under way, takes longer than the requests themselves. An application that has frozen
    objects itself, or has turned the collector off, is left alone.
    """
    if gc.get_freeze_count() > _BEFORE or not gc.isenabled():
        yield
        return
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
