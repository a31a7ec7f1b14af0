"""Becoming somebody else goes wrong, or needs a password: said in one line, within a deadline, without the password."""

import pytest

pytestmark = pytest.mark.e2e
WHO = "    - command: id -un\n      become: true\n      register: me\n    - debug: var=me.stdout\n"
SECRETS = ("Sudo-Secret-22", "Root-Secret-33", "Wrong-Secret-44")


@pytest.fixture
def become(site):
    """Run WHO with ``sick`` logged in as ``user``; a password goes into a file."""

    def run(user, password=None, *options, **sick):
        more = []
        if password:
            file = site.folder / "password"
            file.write_text(password + "\n")
            more = ["--become-password-file", file]
        ran = site.run(WHO, *more, *options, inventory=site.inventory(ansible_user=user, **sick))
        assert not any(secret in ran.text for secret in SECRETS)
        return ran

    return run


def refused(ran, *words):
    assert ran.code == 4, ran.text
    assert ran.recap("sick")["unreachable"] == 1 and ran.recap("well")["ok"] == 2, ran.text
    for word in words:
        assert word in ran.fatal("sick")
    assert ran.seconds < 15


def test_user_who_may_not(become):
    refused(become("pw", "Login-Secret-11", ansible_ssh_private_key_file=None, ansible_password="Login-Secret-11"),
            "sudo to root", "sudoers")  # fmt: skip


def test_missing_password(become):
    refused(become("asks"), "Missing sudo password", "-K")


def test_wrong_password(become):
    refused(become("asks", "Wrong-Secret-44"), "Incorrect sudo password")


def test_right_password(become):
    ran = become("asks", "Sudo-Secret-22")
    assert ran.code == 0 and ran.out.count('"me.stdout": "root"') == 2, ran.text


def test_su_with_password(become):
    ran = become("plain", "Root-Secret-33", ansible_become_method="su")
    assert ran.code == 0 and ran.out.count('"me.stdout": "root"') == 2, ran.text


def test_su_with_wrong_password(become):
    refused(become("plain", "Wrong-Secret-44", ansible_become_method="su"), "Incorrect su password")


def test_su_without_password(become):
    refused(become("plain", ansible_become_method="su"), "Missing su password")


def test_become_user_who_is_not_there(become):
    refused(become("root", ansible_become_user="nobody-here"), "nobody-here")


def test_method_nobody_has(become):
    ran = become("root", None, ansible_become_method="pfexec", ansible_become_user="pw")
    assert ran.code in (2, 4) and "pfexec" in ran.fatal("sick") and ran.recap("well")["ok"] == 2, ran.text


def test_exe_that_is_not_there(become):
    refused(become("asks", ansible_become_exe="/nowhere/sudo"), "/nowhere/sudo")
