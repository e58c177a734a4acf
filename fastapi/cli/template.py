"""The templates of projects: package data, filled in for one project and written whole or not at all."""

import fnmatch
import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi._version import VERSION

FOLDER: Final = Path(__file__).parents[1] / "scaffold"
STAMP: Final = ".scaffold.json"
SETTINGS: Final = ".env"
EXAMPLE: Final = ".env.example"

_LEFT_OUT: Final = (
    *("__pycache__", ".venv", ".cache", ".*_cache", ".hypothesis", ".coverage*"),
    *("*.sqlite*", "*.db", "*.db-*", "keys", "uploads", ".services.env", SETTINGS, STAMP),
)
"""What working in a template leaves beside its files; each template's `.gitignore` keeps the same out of a wheel."""

_SECRET_BYTES: Final = 48


@dataclass(frozen=True)
class Replacement:
    """A text that stands for something of the project, and the files of the template (patterns) that have it."""

    find: str
    put: str
    files: tuple[str, ...]

    def is_for(self, path: str) -> bool:
        return any(fnmatch.fnmatchcase(path, pattern) for pattern in self.files)


@dataclass(frozen=True)
class Template:
    """A tree that runs as it stands, and what of it is another in each project.

    Attributes:
        name: the folder below `FOLDER`.
        about: what it is, in a few words.
        python: the oldest Python that it runs on.
        replacements: what is written in place of what.
        secrets: the variables of `.env.example` that get fresh values in `.env`.
    """

    name: str
    about: str
    python: str
    replacements: tuple[Replacement, ...]
    secrets: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Reads the tree.

        Yields:
            Paths from its top, with slashes, and contents.
        """
        for parent, folders, names in os.walk(self.folder):
            folders[:] = sorted(name for name in folders if not _is_left_out(name))
            for name in sorted(names):
                if not _is_left_out(name):
                    file = Path(parent, name)
                    yield file.relative_to(self.folder).as_posix(), file.read_bytes()

    def render(self, slug: str, python: str) -> dict[str, bytes]:
        """Fills the tree in.

        Args:
            slug: the project's name, of lower-case letters, digits and hyphens.
            python: the oldest Python that the project is for, such as `3.12`.

        Returns:
            Contents by path: those of the tree, `.env` with fresh secrets, and `.scaffold.json`, which says what was
            written from which version, `.env` left out.
        """
        values = {
            "{slug}": slug,
            "{identifier}": slug.replace("-", "_"),
            "{version}": VERSION,
            "{python}": python,
            "{python_digits}": python.replace(".", ""),
        }
        written = dict(self.files())
        for replacement in self.replacements:
            text = replacement.put
            for token, value in values.items():
                text = text.replace(token, value)
            for path, content in written.items():
                if replacement.is_for(path):
                    written[path] = content.replace(replacement.find.encode(), text.encode())
        stamp = {
            "template": self.name,
            "version": VERSION,
            "python": python,
            "files": {
                path: f"sha256:{hashlib.sha256(content).hexdigest()}" for path, content in written.items()
            },
        }
        written[SETTINGS] = self._with_secrets(written[EXAMPLE].decode()).encode()
        written[STAMP] = f"{json.dumps(stamp, indent=2)}\n".encode()
        return written

    def _with_secrets(self, example: str) -> str:
        for variable in self.secrets:
            fresh = f"{variable}={secrets.token_urlsafe(_SECRET_BYTES)}"
            example = re.sub(rf"^{re.escape(variable)}=.*$", fresh, example, flags=re.MULTILINE)
        return example


def load_templates() -> dict[str, Template]:
    """Reads the manifest of the templates: their names in the order in which they are offered."""
    manifest: Mapping[str, Any] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return {
        name: Template(
            name,
            entry["about"],
            entry["python"],
            tuple(Replacement(one["find"], one["put"], tuple(one["in"])) for one in entry["replace"]),
            tuple(entry["secrets"]),
        )
        for name, entry in manifest.items()
    }


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Makes a folder with files: all of them, or none.

    Args:
        files: contents by path.
        folder: what to make; an empty folder may stand there.

    Raises:
        OSError: it cannot be made; nothing has changed.
    """
    # Beside its place, so that the last step is one rename on one file system.
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for path, content in files.items():
            file = staged / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(0o600 if path == SETTINGS else 0o666)
            file.write_bytes(content)
        staged.chmod(0o755)  # mkdtemp makes folders for their owner alone
        staged.rename(folder)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise


def _is_left_out(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in _LEFT_OUT)
