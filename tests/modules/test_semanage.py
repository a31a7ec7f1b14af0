"""seport and sefcontext on a policy store of their own. semanage is a fake that writes the store's files; its list of ports is
written by hand in the form the real one prints. Real ones run in the differential tests."""

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.remote import selinuxstore

PORTS = """\
http_port_t                    tcp      8765, 80, 81, 443, 488, 8008-8010
ssh_port_t                     tcp      22
pegasus_http_port_t            udp      5988
"""
POLICY = "/var/www(/.*)?\tsystem_u:object_r:httpd_sys_content_t:s0\n/dev/null\t-c\tsystem_u:object_r:null_device_t:s0\n"
POLICY += "/proc\t-d\t<<none>>\n"


@pytest.fixture
def store(tmp_path, monkeypatch):
    folder = tmp_path / "default" / "contexts" / "files"
    folder.mkdir(parents=True)
    (tmp_path / "config").write_text("SELINUX=permissive\nSELINUXTYPE=default\n")
    (folder / "file_contexts").write_text(POLICY)
    monkeypatch.setattr(selinuxstore, "ETC", str(tmp_path))
    return folder


@pytest.fixture
def port():
    known = {"80 tcp": "http_port_t", "8008-8010 tcp": "http_port_t", "22 tcp": "ssh_port_t"}

    def change(line):
        words = line.replace(" -N", "").split()
        key = f"{words[-1]} {words[words.index('-p') + 1]}"
        if words[2] == "-d":
            del known[key]
        elif words[2] == "-a" and key in known:
            return 1, "", "ValueError: Port already defined\n"
        else:
            known[key] = words[words.index("-t") + 1]
        return ""

    def listed(line):
        return "" if "-C" in line else "".join(f"{t}   {k.split()[1]}   {k.split()[0]}\n" for k, t in known.items())

    def run(ports, setype="http_port_t", check=False, **args):
        host = FakeHost({"semanage port": change, "semanage port -l": listed}, check=check)
        given = {"ports": ports, "proto": "tcp", "setype": setype, "ignore_selinux_state": True, **args}
        told = run_on(host, "seport", given)
        return told, [line[len("semanage port ") :] for line in host.calls if "-l" not in line]

    return run


def test_ports_come_and_go(port):
    assert port("8100,9000-9005", check=True) == (
        {"changed": True, "ports": ["8100", "9000-9005"], "proto": "tcp", "setype": "http_port_t", "state": "present"}, [],
    )  # fmt: skip
    told, calls = port([8100, "9000-9005", 80], reload=False)
    assert told["changed"]
    assert calls == ["-N -a -t http_port_t -p tcp 8100", "-N -a -t http_port_t -p tcp 9000-9005"]
    assert not port(8100)[0]["changed"] and not port("8008-8010")[0]["changed"]
    assert port(8100, "ssh_port_t")[1] == ["-m -t ssh_port_t -p tcp 8100"]
    assert not port(8100, state="absent")[0]["changed"], "it has another type"
    assert port(8100, "ssh_port_t", state="absent")[1] == ["-d -p tcp 8100"]
    assert not port(8100, "ssh_port_t", state="absent")[0]["changed"]


def test_local_changes_only(port):
    told, calls = port(22, local=True)
    assert calls == ["-a -t http_port_t -p tcp 22", "-m -t http_port_t -p tcp 22"]


def test_the_list_of_ports():
    found = selinuxstore.parse_ports(PORTS.splitlines() + ["", "SELinux Port Type   Proto    Port Number"])
    assert found["443", "tcp"] == "http_port_t" and found["8008-8010", "tcp"] == "http_port_t"
    assert found["5988", "udp"] == "pegasus_http_port_t" and ("5988", "tcp") not in found and len(found) == 8


@pytest.fixture
def context(store):
    letters = selinuxstore.KINDS

    def change(line):
        words = line.replace(" -N", "").split()[2:]
        options = dict(zip(words[1:-1:2], words[2:-1:2], strict=True))
        substitution = "-e" in options
        path = store / ("file_contexts.subs" if substitution else "file_contexts.local")
        lines = path.read_text().splitlines() if path.exists() else []
        start = f"{words[-1]} {letters[options['-f']]}".strip() + " " if not substitution else words[-1] + " "
        lines = [old for old in lines if old.split()[:-1] != start.split()]
        if words[0] != "-d":
            full = f"{options.get('-s', 'system_u')}:object_r:{options.get('-t')}:{options.get('-r', 's0')}"
            lines.append(start + (options["-e"] if substitution else full))
        path.write_text("".join(each + "\n" for each in lines))
        return ""

    def run(target, check=False, **args):
        host = FakeHost({"semanage fcontext": change}, check=check, diff=True)
        told = run_on(host, "sefcontext", {"target": target, "ignore_selinux_state": True, **args})
        return told, [line[len("semanage fcontext ") :] for line in host.calls]

    return run


WEB = "/srv/web(/.*)?"


def test_a_context_comes_changes_and_goes(context):
    looked, calls = context(WEB, setype="a_t", check=True)
    assert looked["changed"] and calls == []
    told, calls = context(WEB, setype="a_t")
    assert told == looked and calls == [f"-a -t a_t -f a -s system_u -r s0 {WEB}"]
    assert told["diff"]["prepared"] == (
        f"# Addition to semanage file context mappings\n+{WEB}      a      system_u:object_r:a_t:s0\n"
    )
    assert (told["seuser"], told["serange"], told["ftype"], told["substitute"]) == ("system_u", "s0", "a", None)
    assert context(WEB, setype="a_t")[1] == []
    told, calls = context(WEB, setype="b_t", seuser="staff_u", reload=False)
    assert calls == [f"-N -m -t b_t -f a -s staff_u -r s0 {WEB}"] and told["diff"]["prepared"].count("\n") == 3
    assert not context(WEB, setype="b_t")[0]["changed"], "the user it has stays"
    assert context(WEB, setype="b_t", ftype="d")[1] == [f"-a -t b_t -f d -s system_u -r s0 {WEB}"]
    told, calls = context(WEB, state="absent")
    assert calls == [f"-d -f a {WEB}"] and "# Deletion to" in told["diff"]["prepared"]
    assert context(WEB, state="absent")[1] == [] and context(WEB, state="absent", ftype="d")[0]["changed"]


def test_a_substitution(context):
    assert context("/srv/alt", substitute="/srv/web", check=True)[0]["changed"]
    told, calls = context("/srv/alt", substitute="/srv/web")
    assert calls == ["-a -e /srv/web /srv/alt"] and told["serange"] is None
    assert told["diff"]["prepared"] == "# Addition to semanage file context path substitutions\n+/srv/alt = /srv/web\n"
    assert not context("/srv/alt", substitute="/srv/web")[0]["changed"]
    assert context("/srv/alt", substitute="/srv/b")[1] == ["-m -e /srv/b /srv/alt"]
    assert context("/srv/alt", setype="a_t", state="absent")[1] == [], "it is no context"
    assert context("/srv/alt", state="absent")[1] == ["-d -e /srv/b /srv/alt"]


def test_what_the_policy_brings(context):
    assert not context("/var/www(/.*)?", setype="httpd_sys_content_t")[0]["changed"]
    assert not context("/dev/null", setype="null_device_t", ftype="c")[0]["changed"]
    assert not context("/proc", setype="<<none>>", ftype="d")[0]["changed"]
    assert "is defined in policy, cannot be deleted" in context("/var/www(/.*)?", state="absent")[0]["msg"]


BAD = [
    ({"target": "/x"}, "state is present but any of the following are missing: setype, substitute"),
    ({"target": "/x", "setype": "a_t", "substitute": "/y"}, "parameters are mutually exclusive: setype|substitute"),
    ({"target": "/x", "ftype": "d", "substitute": "/y"}, "parameters are mutually exclusive: substitute|ftype"),
    ({"target": "/x y", "setype": "a_t"}, "File specification can not include spaces"),
    ({"target": "/x", "setype": "a_t", "ftype": "z"}, "value of ftype must be one of"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_contexts(context, args, message):
    told, calls = context(**args)
    assert told["failed"] and message in told["msg"] and not calls


@pytest.mark.parametrize("ports", ["abc", "0", "99999", "90-80", "80-"])
def test_bad_ports(port, ports):
    assert "Invalid Port" in port(ports)[0]["msg"]


def test_without_selinux_or_its_programs(store, monkeypatch):
    given = {"ports": [80], "proto": "tcp", "setype": "a_t"}
    monkeypatch.setattr(selinuxstore, "selinux_enabled", lambda: False)
    assert run_module("seport", given)["msg"] == "SELinux is disabled on this host."
    assert run_module("sefcontext", {"target": "/x", "setype": "a_t"})["msg"] == "SELinux is disabled on this host."
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    given["ignore_selinux_state"] = True
    assert "install the package policycoreutils-python-utils" in run_module("seport", given)["msg"]
    (store.parent.parent.parent / "config").write_text("SELINUXTYPE=none\n")
    told = run_module("sefcontext", {"target": "/x", "setype": "a_t", "ignore_selinux_state": True})
    assert "selinux-policy-default" in told["msg"]


def test_what_semanage_says():
    said = (
        "libsemanage.add_user: user sddm not in password file\nValueError: Type x_t is invalid, must be a port type\n"
    )
    host = FakeHost({"semanage port": (1, "", said), "semanage port -l": PORTS})
    told = run_on(host, "seport", {"ports": [9], "proto": "tcp", "setype": "x_t", "ignore_selinux_state": True})
    assert told["msg"] == "ValueError: Type x_t is invalid, must be a port type"
