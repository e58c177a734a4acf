"""Passwords: Argon2id off the event loop, and which passwords are accepted."""

import functools
import pathlib
import unicodedata

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from app.utils.concurrency import thread_pool

MINIMUM_LENGTH = 8  # OWASP ASVS 5.0 §6.2.1
MAXIMUM_LENGTH = 128  # §6.2.9 asks for at least 64
# Its source and licence are beside it, in common_passwords.LICENSE.
COMMON_PASSWORDS = pathlib.Path(__file__).with_name("common_passwords.txt")


@functools.cache
def common_passwords() -> frozenset[str]:
    """The passwords that attackers try first (ASVS 5.0 §6.2.4), in lower case."""
    return frozenset(COMMON_PASSWORDS.read_text(encoding="utf-8").split())


def normalise(password: str) -> str:
    """One form for what looks and is typed alike on different machines (NIST SP 800-63B §3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def password_problem(password: str, *known: str) -> str | None:
    """Why the password is not accepted, ``None`` where it is. ``known`` is what the world knows of its owner.

    Any character is accepted and none is asked for (ASVS 5.0 §6.2.5).
    """
    length = len(normalise(password))
    if length < MINIMUM_LENGTH:
        return f"The password needs at least {MINIMUM_LENGTH} characters."
    if length > MAXIMUM_LENGTH:
        return f"The password may have at most {MAXIMUM_LENGTH} characters."
    lowered = password.casefold()
    if lowered in common_passwords():
        return "This password is among those that are tried first."
    if lowered in {name.casefold() for name in known}:
        return "The password is known: it is your name or address."
    return None


class PasswordHasher:
    """Hashes and verifies in a bounded pool of threads: Argon2 takes long on purpose and releases the lock."""

    def __init__(self, memory_kib: int, iterations: int, workers: int, queue: int) -> None:
        self._hash = PasswordHash(
            (Argon2Hasher(time_cost=iterations, memory_cost=memory_kib, parallelism=1),)
        )
        self._pool = thread_pool(workers, queue, "argon2")
        # What unknown names are verified against, so that they take as long as known ones.
        self._nobody = self._hash.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        return await self._pool.run(self._hash.hash, normalise(password))

    async def verify(self, password: str, known: str | None) -> tuple[bool, str | None]:
        """Whether the password is the one of the hash, and a new hash where the parameters have grown.

        Without a hash it takes as long, and is never the one.
        """
        valid, renewed = await self._pool.run(self._verify, normalise(password), known or self._nobody)
        return valid and known is not None, renewed if known is not None else None

    def _verify(self, password: str, known: str) -> tuple[bool, str | None]:
        try:
            return self._hash.verify_and_update(password, known)
        except PwdlibError:  # a hash of another kind
            return False, None

    async def close(self) -> None:
        """End the threads."""
        await self._pool.close()
