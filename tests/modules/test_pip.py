"""pip in a virtual environment, with wheels of our own and without a network."""

import sys
import zipfile

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.remote import pythondists
from fleet.remote.host import Failed
from fleet.remote.pythondists import Requirement


def wheel(folder, version):
    path = folder / f"tiny_pkg-{version}-py3-none-any.whl"
    info = f"tiny_pkg-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("tiny_pkg.py", f"VERSION = '{version}'\n")
        made.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-pkg\nVersion: {version}\n")
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr(f"{info}/RECORD", "".join(f"{each},,\n" for each in made.namelist()) + f"{info}/RECORD,,\n")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pip")
    wheel(folder, "1.0")
    wheel(folder, "2.0")
    command = f"{sys.executable} -m venv"
    pretended = pip(folder, name="tiny-pkg==1.0", virtualenv_command=command, check=True)
    assert pretended["changed"] and not (folder / "env").exists()
    result = pip(folder, name="tiny-pkg==2.0", virtualenv_command=command)
    if "ensurepip" in result.get("msg", ""):
        pytest.skip("this Python makes no virtual environments")
    assert result["changed"] and list((folder / "env").glob("lib/*/site-packages/tiny_pkg.py"))
    return folder


def pip(place, check=False, **more):
    args = {"virtualenv": str(place / "env"), "extra_args": f"--no-index --find-links {place}", **more}
    return run_module("pip", args, check=check)


@pytest.mark.slow
def test_all_states(place):
    assert pip(place, name="tiny-pkg==1.0", check=True)["changed"]
    first = pip(place, name="tiny-pkg==1.0")
    assert first["changed"] and "Successfully installed" in first["stdout"] and first["cmd"][-1] == "tiny-pkg==1.0"
    assert first["name"] == ["tiny-pkg==1.0"] and first["virtualenv"] == str(place / "env")
    for asked in ("tiny-pkg==1.0", "Tiny_Pkg", "tiny.pkg>=0.5,<2", ["tiny-pkg~=1.0", "tiny_pkg!=2.0"]):
        assert not pip(place, name=asked)["changed"] and not pip(place, name=asked, check=True)["changed"]
    assert pip(place, name="tiny-pkg>1.0", check=True)["changed"]
    assert pip(place, name="tiny-pkg>1.0")["changed"]
    assert pip(place, name="tiny-pkg", version="1.0")["changed"]
    assert not pip(place, name="tiny-pkg", version="1.0")["changed"]
    assert pip(place, name="tiny-pkg", state="latest")["changed"]
    assert not pip(place, name="tiny-pkg", state="latest")["changed"]
    assert pip(place, name="tiny-pkg", state="forcereinstall")["changed"]
    assert pip(place, name="tiny-pkg", state="absent", extra_args="", check=True)["changed"]
    assert pip(place, name="tiny-pkg", state="absent", extra_args="")["changed"]
    assert not pip(place, name="tiny-pkg", state="absent", extra_args="")["changed"]


@pytest.mark.slow
def test_files_of_requirements(place):
    file = place / "r.txt"
    file.write_text("# ours\ntiny-pkg==2.0 # this\n")
    assert pip(place, requirements=str(file), check=True)["changed"]
    assert pip(place, requirements=str(file))["changed"]
    assert not pip(place, requirements=str(file))["changed"]
    assert not pip(place, requirements=str(file), check=True)["changed"]
    assert not pip(place, requirements="r.txt", chdir=str(place))["changed"]
    assert pip(place, requirements=str(file), state="absent", extra_args="")["changed"]


def test_an_environment_that_cannot_be_made(place):
    env, command = str(place / "new"), f"{sys.executable} -m venv"
    own = pip(place, name="x", virtualenv=env, virtualenv_command=command, virtualenv_python="x")
    assert "should not be used" in own["msg"]
    missing = pip(place, name="x", virtualenv=env, virtualenv_command="nosuch")
    assert missing["msg"].startswith('Failed to find required executable "nosuch" in paths: /')


def test_mistakes(place):
    gone = pip(place, name="nosuchthing")
    assert "No matching distribution found for nosuchthing" in gone["msg"] and gone["cmd"][1] == "install"
    assert "one of the following is required" in pip(place)["msg"]
    assert "mutually exclusive" in pip(place, name="x", executable="pip")["msg"]
    assert "ambiguous" in pip(place, name=["a", "b"], version="1")["msg"]
    assert "conflicts" in pip(place, name="a>1", version="1")["msg"]
    assert "incompatible" in pip(place, name="a", version="1", state="latest")["msg"]
    assert "octal" in pip(place, name="a", umask="9")["msg"]
    none = run_module("pip", {"name": "x", "executable": "pip-nosuch"})
    assert none["msg"] == "Unable to find any of pip-nosuch to use.  pip needs to be installed."


def test_the_systems_packages_are_the_distributions():
    refused = "error: externally-managed-environment\n"
    host = FakeHost({"pip3.9 list": "", "pip3.9 install": (1, "", refused)}, there=("pip3.9",))
    assert "break_system_packages" in run_on(host, "pip", {"name": "x", "executable": "pip3.9"})["msg"]


def test_another_pip_is_asked_what_it_has():
    host = FakeHost({"pip3.9 list": "Foo_Bar==1.2\n"}, there=("pip3.9",))
    assert not run_on(host, "pip", {"name": "foo-bar", "executable": "pip3.9"})["changed"]
    assert host.calls == ["pip3.9 list --format=freeze"]


@pytest.mark.parametrize(
    "text, version, met",
    [
        ("a", "1", True),
        ("a==1.0", "1", True),
        ("a==1.*", "1.4", True),
        ("a==1.0.*", "1", True),
        ("a!=1.*", "1.4", False),
        ("a>=1,<2", "2.0", False),
        ("a~=1.4", "1.9", True),
        ("a~=1.4", "2.0", False),
        ("a~=1.4.2", "1.5", False),
        ("a>=1.10", "1.9", False),
        ("a==1.0rc1", "1.0rc1", True),
        ("a>=1.0", "1.1rc1", None),
        ("a[x]>=1", "2", None),
        ("git+https://x/y", "2", None),
        ("./a", "2", None),
        ("a; python_version<'3'", "2", None),
    ],
)
def test_what_a_requirement_asks(text, version, met):
    assert Requirement(text).met_by(version) is met


def test_names_and_versions():
    assert pythondists.joined(["a>=1", "<2", "b"]) == ["a>=1,<2", "b"]
    assert pythondists.with_version(["a"], ">=1,<2") == ["a>=1,<2"] and pythondists.with_version(["a"], "1") == ["a==1"]
    with pytest.raises(Failed):
        pythondists.with_version(["a", "b"], "1")


def test_what_lies_in_site_packages(tmp_path):
    (tmp_path / "Foo_Bar-1.2.dist-info").mkdir()
    (tmp_path / "old-0.3-py3.6.egg-info").write_text("")
    (tmp_path / "bare.egg-info").mkdir()
    (tmp_path / "bare.egg-info" / "PKG-INFO").write_text("Name: bare\nVersion: 7\n")
    assert pythondists.installed([str(tmp_path), "/nonexistent"]) == {"foo-bar": "1.2", "old": "0.3", "bare": "7"}
