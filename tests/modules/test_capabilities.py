"""capabilities: the kernel's attribute, setcap's text, and real files where we may set them."""

import os
import subprocess

import pytest
from run_module import run_module

from fleet.modules import capabilities
from fleet.remote import filecaps

# What getfattr -e hex -n security.capability shows after setcap (libcap 2.66, Debian 12) with the text beside it.
REAL = [
    ("0100000200040000000000000000000000000000", "cap_net_bind_service=ep"),
    ("0000000200000000010000000000000000000000", "cap_chown=i"),
    ("0100000200300000003000000000000000000000", "cap_net_admin,cap_net_raw=eip"),
    ("0000000200000000000000008000000000000000", "cap_bpf=p"),
]


@pytest.mark.parametrize("data, text", REAL)
def test_what_setcap_leaves(data, text):
    caps = filecaps.decode(bytes.fromhex(data))
    assert filecaps.text(caps) == text and filecaps.encode(caps).hex() == data


@pytest.mark.parametrize("data", [b"", b"\1\0\0\2", b"\0" * 20, b"\1\0\0\x09" + b"\0" * 16])
def test_an_attribute_that_is_none(data):
    with pytest.raises(ValueError):
        filecaps.decode(data)


def test_a_namespaced_attribute_is_read():
    assert filecaps.decode(bytes.fromhex("0100000300040000000000000000000000000000" + "a0860100")) == {10: "ep"}


def full(text, state="present", have=None):
    args = {"path": "/x", "capability": text, "state": state}
    caps = have or {}
    return capabilities.want(args, {"caps": caps, "capabilities": filecaps.text(caps)})["capabilities"]


@pytest.mark.parametrize(
    "text, state, have, after",
    [
        ("cap_net_raw+ep", "present", {}, "cap_net_raw=ep"),
        ("CAP_NET_RAW=pe", "present", {13: "ep"}, "cap_net_raw=ep"),
        ("cap_net_raw,cap_net_admin+ep", "present", {10: "ep"}, "cap_net_bind_service,cap_net_admin,cap_net_raw=ep"),
        ("cap_net_raw+p", "present", {13: "ep"}, "cap_net_raw=p"),
        ("cap_net_raw-i", "present", {13: "ip"}, "cap_net_raw=p"),
        ("cap_net_raw-ep", "present", {13: "ep"}, ""),
        ("cap_net_raw", "absent", {10: "ep", 13: "ep"}, "cap_net_bind_service=ep"),
        ("cap_net_raw=ep", "absent", {}, ""),
        ("cap_55=p", "present", {}, "cap_55=p"),
    ],
)
def test_what_a_file_is_to_have(text, state, have, after):
    assert full(text, state, have) == after
    assert len(full("all=ep").split(",")) == 41


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program"
    path.write_bytes(b"#!/bin/true\n")
    return path


@pytest.mark.parametrize(
    "args, message",
    [
        ({"capability": "cap_net_raw"}, "Couldn't find operator"),
        ({"capability": ""}, "no capability is called nothing"),
        ({"capability": "cap_nonsense+ep"}, "no capability is called cap_nonsense"),
        ({"capability": "cap_99+ep"}, "no capability is called cap_99"),
        ({"capability": "cap_net_raw+x"}, "bad capability: cap_net_raw+x"),
        ({"capability": "cap_net_raw+ep cap_chown+i"}, "bad capability"),
        ({}, "missing required arguments: capability"),
        ({"capability": "cap_net_raw+ep", "state": "set"}, "value of state must be one of"),
        ({"capability": "cap_net_raw+e"}, "Unable to set capabilities of"),
    ],
)
def test_bad_input(program, args, message):
    result = run_module("capabilities", {"path": str(program), **args})
    assert result["failed"] and message in result["msg"]


def test_only_files_get_any(program, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(program)
    for path, why in ((link, "symbolic link"), (tmp_path, "not a regular file"), (tmp_path / "none", "No such file")):
        result = run_module("capabilities", {"path": str(path), "capability": "cap_net_raw+ep"})
        assert result["msg"] == f"Unable to get capabilities of {path}" and why in result["stderr"]


@pytest.mark.skipif(os.getuid() != 0, reason="setting capabilities needs root")
def test_a_real_file(program):
    args = {"key": str(program), "cap": "cap_net_bind_service+ep"}
    assert run_module("capabilities", args, check=True) == {"changed": True, "msg": "capabilities changed"}
    try:
        done = run_module("capabilities", args, diff=True)
    finally:
        supported = "security.capability" in os.listxattr(program)
    if not supported and done.get("failed"):
        pytest.skip("no capabilities in this file system")
    assert done == {"changed": True, "state": "present", "msg": "capabilities changed", "stdout": "",
                    "diff": {"before": "capabilities: \n", "after": "capabilities: cap_net_bind_service=ep\n"}}  # fmt: skip
    assert run_module("capabilities", args) == {"changed": False, "state": "present"}
    shown = subprocess.run(["getcap", str(program)], capture_output=True, text=True).stdout if _has("getcap") else "=ep"
    assert "=ep" in shown or "+ep" in shown
    gone = dict(args, state="absent")
    assert run_module("capabilities", gone)["changed"] and not run_module("capabilities", gone)["changed"]
    assert filecaps.decode(os.getxattr(program, filecaps.ATTRIBUTE)) == {}


def _has(name):
    import shutil

    return shutil.which(name)
