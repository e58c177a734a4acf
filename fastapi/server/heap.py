"""What start-up leaves behind, kept out of the garbage collector's way while requests are served."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def settled() -> Iterator[None]:
    """Tell the collector not to look at the objects that there are now, until the block is left.

    Modules, classes and routes outlive every request. Looking at all of them again and again, as the collector does
    when many requests are under way, takes longer than the requests themselves. An application that has frozen
    objects itself, or has turned the collector off, is left alone.
    """
    if gc.get_freeze_count() or not gc.isenabled():
        yield
        return
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
