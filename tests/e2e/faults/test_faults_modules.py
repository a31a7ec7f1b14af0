"""Every module that writes a file, under every fault a disk or a neighbour can make.

The table is files.yml. One run a fault: all rows under the fault, the fault is lifted, all rows again, and once more.
Under the fault a row fails with a message that names the file, and leaves the folder as it was; without it the first
run brings the state and the second finds it. The rows' folders lie below /mnt, where the fixture looks for what a
write may leave behind.
"""

import base64
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from fleet.playbook import registry

pytestmark = pytest.mark.e2e
ROWS, KIT, SHELF = "/mnt/rows", "/mnt/kit", "/mnt/shelf"
FOREIGN = ("-new", ".dpkg-tmp", ".dpkg-new")
ODD = b"caf\xe9 \xff\xfe \xc3\x28 \x0c \x1c \x85 \xc2\x85 \xe2\x80\xa8 tail \t \r\n"


@dataclass(frozen=True)
class Row:
    """One task, the file it writes and what is there before."""

    name: str
    task: dict
    file: str = "file"
    before: str | None = None
    odd: str | None = None
    but: tuple[str, ...] = ()
    also: str = ""
    says: str = "nothing else"
    leaves: str = ""

    @property
    def folder(self):
        return str(Path(self.path).parent)

    @property
    def path(self):
        return self.file if self.file[0] == "/" else f"{ROWS}/{re.sub('[^a-z0-9_]+', '-', self.name)}/{self.file}"

    @property
    def own(self):
        """Whether the folder is the row's own."""
        return self.file[0] != "/"

    def step(self, phase):
        """The task as it stands in the play."""
        filled = yaml.safe_dump(self.task)
        for word, place in (("FILE", self.path), ("DIR", self.folder), ("KIT", KIT)):
            filled = re.sub(rf"\b{word}\b", place, filled)
        return {"name": f"{phase}: {self.name}", **yaml.safe_load(filled), "ignore_errors": True}


TABLE = [Row(name, **row) for name, row in yaml.safe_load(Path(__file__).with_name("files.yml").read_text()).items()]

KIT_MADE = f"""
set -e
[ -e {KIT}/done ] && exit 0
which git patch zypper >/dev/null && python3 -c 'import lxml' 2>/dev/null ||
  {{ apt-get update; apt-get install -y --no-install-recommends git patch python3-lxml zypper; }} >/tmp/kit.log 2>&1
mkdir -p {KIT}/part {KIT}/empty; cd {KIT}
echo new >part/a
tar -C part -cf a.tar a; python3 -c 'import zipfile; zipfile.ZipFile("a.zip", "w").write("part/a", "a")'
printf -- '--- file\\n+++ file\\n@@ -1 +1 @@\\n-old\\n+new\\n' >new.patch
openssl ecparam -name prime256v1 -genkey -noout -out key.pem
openssl req -new -key key.pem -subj /CN=www.example.com -out www.csr
openssl req -x509 -new -key key.pem -subj /CN=www.example.com -out www.crt
cp /usr/share/keyrings/debian-archive-bookworm-stable.gpg key.gpg; git init -q repo; cd repo; git -c user.name=a -c user.email=a@x.example commit -q --allow-empty -m one; cd ..
systemd-run -q --unit fault-web python3 -m http.server -b 127.0.0.1 -d {KIT} 8099
touch done
"""

SEEN = f"""
import hashlib, json, os
seen = {{}}
def look(path):
    info = os.lstat(path)
    kept = os.readlink(path) if os.path.islink(path) else ""
    if os.path.isfile(path) and not kept:
        kept = hashlib.sha1(open(path, "rb").read()).hexdigest()
    seen[path] = [oct(info.st_mode), info.st_uid, info.st_gid, kept]
for top in ("{ROWS}", "{SHELF}"):
    for folder, folders, names in os.walk(top):
        for name in folders + names:
            look(os.path.join(folder, name))
for path in PATHS:
    if os.path.lexists(path):
        look(path)
    folder = os.path.dirname(path)
    seen[folder + "/"] = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def kit(pair):
    """What the tasks read; and the files of the host that rows name, put back at the end."""
    sick = pair[0]
    sick.run(KIT_MADE, timeout=300)
    named = " ".join(row.path for row in TABLE if not row.own)
    sick.run(f"cd /; tar -cf {KIT}/host.tar --ignore-failed-read {named} 2>/dev/null; hostname >{KIT}/hostname")
    yield sick
    sick.run(f"rm -f {named}; tar -C / -xf {KIT}/host.tar; hostname -F {KIT}/hostname; systemctl stop fault-web")
    sick.run(f"ln -sf ../usr/share/zoneinfo/Etc/UTC /etc/localtime; rm -rf {ROWS} {KIT} {SHELF}")


def put(path, content):
    return f"echo {base64.b64encode(content).decode()} | base64 -d >{path}"


def fresh(rows, odd=False):
    """The shell text that makes every row's file as it is before."""
    lines = [f"rm -rf {ROWS} {SHELF}; mkdir -p {ROWS} {SHELF}; groupdel fault 2>/dev/null"]
    lines += ["userdel faulty 2>/dev/null; usermod -p '*' games; rm -f /mnt/kit/link /etc/alternatives/fault*"]
    lines += ["echo tzdata install | dpkg --set-selections; nft delete table inet fault 2>/dev/null"]
    lines += ["echo tzdata tzdata/Areas select Etc | debconf-set-selections"]
    lines += ["ln -sf ../usr/share/zoneinfo/Etc/UTC /etc/localtime; localedef --delete-from-archive aa_DJ 2>/dev/null"]
    for row in rows:
        lines.append(f"mkdir -p {row.folder}")
        if row.before is not None:
            before = row.before.encode() + (row.odd.encode() + ODD if odd else b"")
            lines.append(
                f"cd {row.folder}; {row.also}; {put(row.path, before)};" if row.also else f"{put(row.path, before)};"
            )
            lines.append(f" chmod 0640 {row.path}; chown pw:plain {row.path}; touch -d @0 {row.path}")
    return "\n".join(lines)


def each(text, rows):
    """``text`` for every row, with its file as $f and its folder as $d."""
    return "\n".join(f"f={row.path}; d={row.folder}; n=$(echo $d | tr / _); {text}" for row in rows)


def once(text, rows):
    """``text`` for every folder, as $d; the rows' own lie in one."""
    folders = sorted({row.folder if not row.own else ROWS for row in rows})
    return "\n".join(f"d={folder}; {text}" for folder in folders)


@dataclass(frozen=True)
class Fault:
    """How a fault is made and lifted, and a word of which the message has one."""

    make: str
    lift: str
    says: str
    how: object = each
    own: bool = False
    """Whether only rows with a folder of their own can have it."""
    replaced: bool = False
    """Whether a module may as well put a file of its own in the place, and touch nothing else."""


SMALL = "mkdir -p /run/small; mount -t tmpfs -o size=16m tmpfs /run/small; cp -a $d/. /run/small/"
FAULTS = {
    "directory": Fault("mv $f $f.was; mkdir $f", "rmdir $f; mv $f.was $f", "directory|not writable"),
    "parent is a file": Fault(
        f"mv $d {SHELF}/$n; echo no folder >$d",
        f"rm $d; mv {SHELF}/$n $d",
        "[Nn]ot a directory|does not exist|File exists|existing dir|not writable|o such file|Unable to find",
        own=True,
    ),
    "immutable": Fault("chattr +i $f", "chattr -i $f", "[Oo]peration not permitted|is immutable"),
    "full": Fault(
        f"{SMALL}; mount --bind /run/small $d; head -c 32M /dev/zero >$d/.filler 2>/dev/null; umount /run/small",
        "! mountpoint -q $d || umount -l $d",
        "[Nn]o space left on device",
        once,
    ),
    "read only": Fault(
        "mount --bind $d $d; mount -o remount,ro,bind $d",
        "! mountpoint -q $d || umount -l $d",
        "[Rr]ead-only file system",
        once,
    ),
    "planted": Fault(
        f"mv $f {SHELF}/$n; ln -s {SHELF}/$n $f; chown -h asks $f; chmod 1777 $d",
        f"rm $f; mv {SHELF}/$n $f; chmod 755 $d",
        "planted|not a regular file",
        own=True,
        replaced=True,
    ),
}


def play(*tasks):
    return yaml.safe_dump([{"hosts": "sick", "gather_facts": False, "tasks": tasks}], sort_keys=False, width=1000)


def look(name, rows):
    """A task that tells what is there."""
    paths = [row.path for row in rows if not row.own]
    return {"name": name, "shell": f"python3 -c '{SEEN.replace('PATHS', json.dumps(paths))}'"}


def twice(rows):
    """All rows, and once more."""
    return [row.step(phase) for phase in ("repair", "again") for row in rows]


def results(ran):
    """Task name -> (status, result)."""
    told = [json.loads(line) for line in ran.out.splitlines() if line.startswith('{"event": "task_result"')]
    assert told, ran.text
    return {each["task"]["name"]: (each["status"], each["result"]) for each in told}


def seen(told, name):
    return json.loads(told[name][1]["stdout"])


def around(row, snapshot):
    """What a snapshot says of a row: its folder and all in it, and where a link leads."""
    shelf = f"{SHELF}/{row.folder.replace('/', '_')}"
    return {
        path: value
        for path, value in snapshot.items()
        if path == row.path or path in (row.folder, row.folder + "/") or (row.own and path.startswith(row.folder + "/"))
        or path == shelf
    }  # fmt: skip


def without(row, snapshot):
    """A snapshot without the names that the row says a program of the host leaves."""
    folder = row.folder + "/"
    return {**snapshot, folder: [name for name in snapshot.get(folder, ()) if name not in row.leaves.split()]}


@pytest.mark.parametrize("name", FAULTS)
def test_fault(site, kit, name):
    fault = FAULTS[name]
    rows = [row for row in TABLE if name not in row.but and (row.own or not fault.own)]
    (site.folder / "new.j2").write_text("new\n")
    kit.run(fresh(rows))
    lift = fault.how(fault.lift, rows)
    kit.run(fault.how(fault.make, rows))
    try:
        faulty = [look("before", rows), *(row.step("fault") for row in rows), look("after", rows)]
        ending = [{"name": "lift", "shell": lift}, *twice(rows), look("repaired", rows)]
        ran = site.run(play(*faulty, *ending), "--format", "jsonl")
    finally:
        kit.run(lift, check=False)
    told = results(ran)
    before, after, mended = seen(told, "before"), seen(told, "after"), seen(told, "repaired")
    wrong = []
    for row in rows:
        wrong += [(row.name, "stays", name) for name in mended.get(row.folder + "/", ()) if name.endswith(FOREIGN)]
        status, result = told[f"fault: {row.name}"]
        msg = f"{result.get('msg')} {result.get('details', '')}"
        was, is_now = (without(row, around(row, snapshot)) for snapshot in (before, after))
        if status == "changed" and fault.replaced and after[row.path][0].startswith("0o100"):
            is_now = {**was, **{path: value for path, value in is_now.items() if path.startswith(SHELF)}}
        elif status != "failed":
            wrong.append((row.name, "did not fail", status, msg))
        elif not re.search(row.says, msg) and not (row.folder in msg and re.search(fault.says, msg)):
            wrong.append((row.name, "says", msg))
        if was != is_now:
            wrong.append(
                (
                    row.name,
                    "left",
                    [
                        (was.get(path), is_now.get(path))
                        for path in {**was, **is_now}
                        if was.get(path) != is_now.get(path)
                    ],
                )
            )
    wrong += repaired(told, rows)
    assert not wrong, "\n".join(map(str, wrong))


def repaired(told, rows, first=("changed",)):
    """What is wrong with two runs after a fault."""
    return [
        (row.name, phase, told[f"{phase}: {row.name}"])
        for phase, right in (("repair", first), ("again", ("ok",)))
        for row in rows
        if told[f"{phase}: {row.name}"][0] not in right
    ]


def test_odd_bytes_survive(site, kit):
    """A line in no encoding, with all that some function takes for a line's end, beside the one that is changed."""
    rows = [row for row in TABLE if row.odd is not None]
    kit.run(fresh(rows, odd=True))
    contents = "\n".join(f"base64 -w0 {row.path}; echo" for row in rows)
    ran = site.run(play(*twice(rows), {"name": "contents", "shell": contents}), "--format", "jsonl")
    told = results(ran)
    wrong = repaired(told, rows)
    for row, content in zip(rows, told["contents"][1]["stdout"].split("\n"), strict=True):
        if row.odd.encode() + ODD not in base64.b64decode(content):
            wrong.append((row.name, base64.b64decode(content)))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("attribute, value", [("owner", "no-such-user"), ("group", "no-such-group"), ("mode", "u+q")])
def test_attributes_that_cannot_be(site, kit, attribute, value):
    """Nothing is written before the owner is known and the mode understood."""
    rows = []
    for row in TABLE:
        module, args = next(iter(row.task.items()))
        if attribute in registry.spec(module).args and "attributes" not in row.but:
            rows.append(replace(row, task={module: {**args, attribute: value}}))
    assert len(rows) > 15
    kit.run(fresh(rows))
    (site.folder / "new.j2").write_text("new\n")
    ran = site.run(
        play(look("before", rows), *(row.step("fault") for row in rows), look("after", rows)), "--format", "jsonl"
    )
    told = results(ran)
    faults = {row.name: told[f"fault: {row.name}"] for row in rows}
    wrong = [
        (name, *each)
        for name, each in faults.items()
        if each[0] != "failed" or value not in f"{each[1]['msg']} {each[1].get('details')}"
    ]
    before, after = seen(told, "before"), seen(told, "after")
    wrong += [
        (path, before.get(path), after.get(path)) for path in {**before, **after} if before.get(path) != after.get(path)
    ]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("moment", [0.1, 0.4])
def test_killed(site, kit, moment):
    """The runner is killed in the middle: a file is the old one or a whole new one, and the next run goes on."""
    kit.run(fresh(TABLE))
    (site.folder / "new.j2").write_text("new\n")
    shot = {"name": "shot", "shell": f"(sleep {moment}; kill -9 $PPID) >/dev/null 2>&1 &"}
    # A fast host may be through with all files before that.
    last = {"name": "last", "command": "sleep 5"}
    cut = play(look("before", TABLE), shot, *(row.step("fault") for row in TABLE), last)
    killed = site.end(site.start(cut, "--format", "jsonl"))
    assert killed.code in (2, 4), killed.text
    whole = play(look("left", TABLE), *twice(TABLE), look("after", TABLE))
    told = results(site.run(whole, "--format", "jsonl"))
    wrong = repaired(told, TABLE, first=("changed", "ok"))
    before, left, after = seen(results(killed), "before"), seen(told, "left"), seen(told, "after")
    for row in TABLE:
        kept, *right = (state.get(row.path, [None])[-1] for state in (left, before, after))
        if kept not in right:
            wrong.append((row.name, "half", kept, right))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_zypper_refuses_leaves_the_old_repository(site, kit):
    kit.run(fresh([row for row in TABLE if row.name == "zypper_repository"]))
    task = {"name": "refused", "zypper_repository": {"name": "fault", "repo": "nonsense"}, "ignore_errors": True}
    ran = site.run(play(task), "--format", "jsonl")
    assert results(ran)["refused"][0] == "failed", ran.text
    assert "baseurl=dir:/mnt/kit\n" in kit.run("cat /etc/zypp/repos.d/*").stdout
