"""An application that loads on one side only."""

import os
import warnings

warnings.warn(f"loaded by {os.environ.get('SIDE')}", stacklevel=1)
if os.environ.get("SIDE") == "other":
    raise RuntimeError("does not load")


async def app(scope, receive, send):
    raise ValueError("no lifespan")
