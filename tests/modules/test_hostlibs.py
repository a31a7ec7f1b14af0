"""hostlibs: packages of the host's Python, in a process that started without them."""

import subprocess
import sys

from fleet.remote import hostlibs

START = "import sys; sys.path.insert(0, {root!r}); from fleet.remote import hostlibs; before = list(sys.path); "


def run(tmp_path, code):
    root = str(tmp_path)
    real = hostlibs.__file__.rpartition("/fleet/")[0]
    start = START.format(root=real) + f"sys.executable = {root + '/bin/python'!r}; "
    argv = [sys.executable, "-I", "-S", "-c", start + code]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_a_package_is_found_and_the_path_left_as_it_was(tmp_path):
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    place = tmp_path / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    place.mkdir(parents=True)
    (place / "ours.py").write_text("VALUE = 5\n")
    (place / "evil.pth").write_text("import sys; sys.exit('a .pth file ran')\n")
    done = run(tmp_path, "print(hostlibs.load('ours').VALUE, hostlibs.load('ours').VALUE, sys.path == before)")
    assert done.stdout == "5 5 True\n", done.stderr
    assert "No module named 'ours'" in run(tmp_path / "none", "hostlibs.load('ours')").stderr
