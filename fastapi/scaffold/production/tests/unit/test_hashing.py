"""Which passwords are accepted, and how they are kept."""

import pytest

from app.utils.hashing import PasswordHasher, common_passwords, password_problem


@pytest.mark.parametrize(
    "password",
    ["eight888", "x" * 64 + "y" * 64, "Дж₽ Ωмега ß", "      spaces      ", "😀😀😀😀😀😀😀😀"],
)
def test_any_character_and_64_of_them_are_accepted(password: str) -> None:
    assert password_problem(password) is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("seven77", "at least 8"),
        ("x" * 129, "at most 128"),
        ("PassWord1", "tried first"),
        ("Ada@Example.com", "known"),
    ],
)
def test_others_are_refused_with_a_reason(password: str, reason: str) -> None:
    assert reason in (password_problem(password, "ada@example.com") or "")


def test_at_least_the_3000_most_common_ones_are_known() -> None:
    assert len(common_passwords()) >= 3000


@pytest.mark.anyio
async def test_hashes_verify_their_password_only_and_never_nobodys() -> None:
    hasher = PasswordHasher(8, 1, 1, 8)
    known = await hasher.hash("the password")
    assert known.startswith("$argon2id$")
    assert await hasher.verify("the password", known) == (True, None)
    assert (await hasher.verify("another", known))[0] is False
    assert await hasher.verify("nobody has this password", None) == (False, None)
    assert await hasher.verify("the password", "$2b$12$of-another-kind") == (False, None)
    # Typed on another machine: a letter and its accent, or both in one character.
    assert (await hasher.verify("cafe\u0301 au lait", await hasher.hash("caf\u00e9 au lait")))[0]
    await hasher.close()
