"""Refuses to run where the files of FastAPI itself and of this package lie in one folder.

Both distributions own ``fastapi/``, and installers overwrite each other's files without a word; what is left
is a mixture. FastAPI has ``params.py`` and ``routing.py`` where this package has folders, and Python prefers
the folders. So whichever was installed last, FastAPI's ``params.py`` lies there and this package's ``params/``
or ``routing/`` is what gets imported. That is why the check is run by importing this module, first thing, in
``fastapi``, ``fastapi.params`` and ``fastapi.routing``.
"""

import os
from typing import Final

from fastapi._version import API_LEVEL, VERSION

_FOREIGN: Final = "params.py"
"""A file that only FastAPI itself puts into the package."""


def _installed(name: str) -> str | None:
    """The version of the distribution ``name``, if there is one."""
    import importlib.metadata  # not worth its milliseconds unless there is a collision

    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def refuse_collision(folder: str) -> None:
    """Check that ``folder``, the package's own, holds no file of FastAPI itself.

    Raises:
        ImportError: it does; the message names both distributions and the commands that mend it.
    """
    foreign = os.path.join(folder, _FOREIGN)
    if not os.path.exists(foreign):
        return
    theirs = _installed("fastapi")
    ours = _installed("fastapi-rs") or VERSION
    raise ImportError(
        f"The files of two distributions are mixed in {folder}: fastapi {theirs or 'of an unknown version'} "
        f"and fastapi-rs {ours} (found {foreign}, which belongs to fastapi). Remove both and install one:\n"
        "    pip uninstall --yes fastapi fastapi-rs\n"
        f"    pip install fastapi-rs=={ours} fastapi=={API_LEVEL}+rs\n"
        "or, with uv:\n"
        "    uv pip uninstall fastapi fastapi-rs\n"
        f"    uv pip install fastapi-rs=={ours} fastapi=={API_LEVEL}+rs\n"
        f"Add --find-links if you keep the wheels in a folder. `fastapi=={API_LEVEL}+rs` is the companion of "
        "fastapi-rs and contains no files. To go back to FastAPI itself, install `fastapi` alone. If files "
        f"remain after uninstalling, delete {folder} first.",
        name="fastapi",
        path=folder,
    )


refuse_collision(os.path.dirname(os.path.abspath(__file__)))
