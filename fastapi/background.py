"""Work to do after a response has been sent."""

from collections.abc import Callable
from typing import Any, ParamSpec

from starlette.background import BackgroundTasks as StarletteBackgroundTasks

P = ParamSpec("P")


class BackgroundTasks(StarletteBackgroundTasks):
    """Tasks that run, one after the other, once the response is out.

    Declare a parameter of this type in an endpoint or a dependency; all of them get the same object.
    """

    def add_task(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        """Add a call to run after the response.

        Args:
            func: the function; a ``def`` runs in a thread.
            args, kwargs: what to call it with.
        """
        super().add_task(func, *args, **kwargs)
