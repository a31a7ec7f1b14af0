"""``password_hash`` gives what passlib gives, by whichever library there is."""

from __future__ import annotations

import pytest
from expressions import render
from jinja2.exceptions import FilterArgumentError

from fleet.template.filters import passwords

SHA512_X = "l044yBL7AuZjjTC20rBGp3ZknNvfKkiWYyIeYb427n5RYH6dhEM976qyRXoydAE7S.FpMuKuXxsRt7paxaBO."
BCRYPT_SALT = "abcdefghijklmnopqrstu"

HASHES = [
    ("'x' | password_hash(salt='abcdefgh')", "$6$rounds=656000$abcdefgh$2" + SHA512_X),
    ("'x' | password_hash('sha512_crypt', 'abcdefgh')", "$6$rounds=656000$abcdefgh$2" + SHA512_X),
    (
        "'x' | password_hash('sha512', 'abcdefgh', rounds=5000)",
        "$6$abcdefgh$D7W7qyozKBT.t6FD3DVYHvADbIO0eSyI4.p20LaEUjro8PqTGYYo/EQcuNjhFbzo9Yg5ir1KIEqFY/yJpgFph0",
    ),
    (
        "'é' | password_hash('sha512', 'abcdefgh')",
        "$6$rounds=656000$abcdefgh$h.saSFTDrImq0YKNuAk0BJSW3fkG.V8TMd6mXXvLMV4g2GmjxVEE6wQzLtyNQ0rKYO1SGjh7MhzeFXtsnB/hf0",
    ),
    (
        "'x' | password_hash('sha256', 'abcdefgh')",
        "$5$rounds=535000$abcdefgh$CHMquuBlVzC6Sv4wNt7CfsFIRE7X2u6EIaLr3eymPC4",
    ),
    ("'x' | password_hash('md5', 'abcdefgh')", "$1$abcdefgh$znAnv9M.XU2pRYfmSs46h/"),
    (
        "'x' | password_hash('blowfish', 'abcdefghijklmnopqrstuv')",
        f"$2b$12${BCRYPT_SALT}uOeZ2hQ32AyBh8ZYFFLfYoUxWKOV2GcS",
    ),
    (
        "'x' | password_hash('bcrypt', 'abcdefghijklmnopqrstuv', rounds=5)",
        f"$2b$05${BCRYPT_SALT}uhKF09ZYWwH2zP/0fwE1X8e/Q1YNx/hO",
    ),
    (
        "'x' | password_hash('bcrypt', 'abcdefghijklmnopqrstuv', ident='2a')",
        f"$2a$12${BCRYPT_SALT}uOeZ2hQ32AyBh8ZYFFLfYoUxWKOV2GcS",
    ),
]

REFUSED = [
    ("'x' | password_hash('bogus')", "bogus is not in the list of supported passlib algorithms"),
    ("'x' | password_hash('des_crypt', 'ab')", "des_crypt is not in the list of supported"),
    ("'x' | password_hash('sha512', 'a b')", "salt may only have"),
    ("'x' | password_hash('sha512', 'abcdefghijklmnopqrstuv')", "at most 16"),
    ("'x' | password_hash('bcrypt', 'abcd')", "exactly 22"),
    ("'x' | password_hash('sha512', 'abcdefgh', rounds=10)", "between 1000"),
    ("5 | password_hash('sha512', 'abcdefgh')", "must be text"),
    ("none | password_hash", "must be text"),
]


@pytest.mark.parametrize(("expression", "expected"), HASHES)
def test_hash(expression: str, expected: str) -> None:
    assert render(expression) == expected


@pytest.mark.parametrize(("expression", "message"), REFUSED)
def test_refused(expression: str, message: str) -> None:
    with pytest.raises(FilterArgumentError, match=message):
        render(expression)


def test_a_salt_is_made_up_each_time() -> None:
    first, second = (render("'x' | password_hash('sha512', rounds=1000)") for _ in range(2))
    assert first.startswith("$6$rounds=1000$")
    assert first != second
    assert len(first.split("$")[3]) == 16


def test_the_bcrypt_package_agrees_with_the_c_library() -> None:
    pytest.importorskip("bcrypt")
    setting = f"$2b$05${BCRYPT_SALT}u"
    by_package = passwords._by_bcrypt(passwords.BCRYPT, "secret", setting)
    assert by_package is not None
    assert by_package == (passwords._by_libcrypt(passwords.BCRYPT, "secret", setting) or by_package)


def test_passlib_agrees_with_the_c_library() -> None:
    pytest.importorskip("passlib")
    for method, setting in ((passwords.SHA512, "$6$rounds=1000$salt"), (passwords.SHA256, "$5$salt")):
        by_passlib = passwords._by_passlib(method, "secret", setting)
        assert by_passlib == (passwords._by_libcrypt(method, "secret", setting) or by_passlib)
