"""Add and remove apt sources in deb822 form, with their signing key.

The file is /etc/apt/sources.list.d/NAME.sources. The lists are not fetched; use `apt` when this changed.
"""

import os
import re

from fleet.remote.files import describe, parse_mode, read_attributes, read_bytes, remove, set_attributes, write_atomic
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="Name of the source; the files are named after it."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the source is there."),
        "uris": Arg("list", elements="str", help="Addresses of the archive."),
        "suites": Arg("list", elements="str", help="Releases, or a path that ends with `/`."),
        "components": Arg("list", elements="str", help="Parts of the release, as main and contrib."),
        "types": Arg(
            "list", ["deb"], elements="str", choices=("deb", "deb-src"), help="Binary packages, sources."
        ),
        "signed_by": Arg(help="The key: a URL, a path on the host, fingerprints, or the armored key itself."),
        "architectures": Arg("list", elements="str", help="Architectures to take from the archive."),
        "languages": Arg("list", elements="str", help="Languages of package descriptions."),
        "targets": Arg("list", elements="str", help="What to download from the archive."),
        "enabled": Arg("bool", help="Whether apt uses the source."),
        "trusted": Arg("bool", help="Whether the archive is trusted without a signature."),
        "allow_insecure": Arg("bool", help="Allow an archive that is not signed."),
        "allow_weak": Arg("bool", help="Allow a signature with a weak digest."),
        "allow_downgrade_to_insecure": Arg("bool", help="Allow an archive that lost its signature."),
        "by_hash": Arg("bool", help="Fetch indexes by their hash."),
        "check_date": Arg("bool", help="Whether the host's clock is good enough to check dates."),
        "check_valid_until": Arg("bool", help="Whether an outdated archive is refused."),
        "date_max_future": Arg("int", help="Seconds a Release file may be from the future."),
        "inrelease_path": Arg(help="Path of the InRelease file, seen from its usual place."),
        "pdiffs": Arg("bool", help="Fetch differences of indexes."),
        "mode": Arg("raw", "0644", help="Mode of the files."),
    },
    returns={
        "dest": "Path of the source file.",
        "key_filename": "Path of the key.",
        "repo": "Content of the source file.",
    },
)

EXAMPLES = """
- name: Debian itself
  deb822_repository: {name: debian, uris: "http://deb.debian.org/debian", suites: bookworm, components: [main]}
- name: An archive with its key
  deb822_repository:
    name: example
    uris: https://download.example.com/linux/debian
    suites: stable
    components: main
    signed_by: https://download.example.com/linux/debian/gpg
- name: Remove it
  deb822_repository: {name: example, state: absent}
"""

SOURCES, KEYRINGS = "/etc/apt/sources.list.d", "/etc/apt/keyrings"
TITLES = {"name": "X-Repolib-Name", "uris": "URIs"}


def slug(name):
    """The part of file names a source's name gives."""
    return re.sub(r"[^a-z0-9-]+", "", re.sub(r"[_ ]", "-", name.lower()))


def read(host, args):
    """Content and mode of the source file and, where one is kept, of the key."""
    files = {path: _look(path) for path in _paths(args)}
    if args["state"] == "present" and "://" in (args["signed_by"] or ""):
        # The key decides its own file name; it is fetched once a call, whatever mode the call has.
        host.cache[("deb822", args["signed_by"])] = _key(args["signed_by"])
        args["_key"] = host.cache[("deb822", args["signed_by"])]
        path = key_path(args["name"], args["_key"])
        files[path] = _look(path)
    return files


def _paths(args):
    base = slug(args["name"])
    paths = [os.path.join(SOURCES, base + ".sources")]
    if args["state"] == "absent":
        paths += [os.path.join(KEYRINGS, base + "." + kind) for kind in ("gpg", "asc")]
    return paths


def _look(path):
    data = read_bytes(path)
    if data is None:
        return {"text": None, "mode": None}
    return {"text": data.decode("latin-1"), "mode": read_attributes(path)["mode"]}


def _key(url):
    from fleet.remote import download

    return download.fetch_bytes(url, "Could not fetch signed_by key")


def key_path(name, data):
    return os.path.join(KEYRINGS, slug(name) + (".asc" if b"-----BEGIN PGP" in data else ".gpg"))


def want(args, now):
    """Files with their content and mode, or with None where they are to be gone. Raises Failed."""
    if args["state"] == "absent":
        return {path: {"text": None, "mode": None} for path in now}
    for name in ("uris", "suites"):
        if not args[name]:
            raise Failed("state is present but all of the following are missing: %s" % name)
    path = _paths(args)[0]
    signed_by, wanted = args["signed_by"], {}
    if args.get("_key") is not None:
        signed_by = key_path(args["name"], args["_key"])
        wanted[signed_by] = {"text": args["_key"].decode("latin-1"), "mode": parse_mode(args["mode"], 0o644)}
    text = render(args, signed_by).encode("utf-8").decode("latin-1")
    wanted[path] = {"text": text, "mode": parse_mode(args["mode"], 0o644)}
    return wanted


def render(args, signed_by):
    """The content of the source file, fields in the order Ansible writes them. Pure."""
    lines = []
    for name in sorted(SPEC.args):
        value = signed_by if name == "signed_by" else args[name]
        if name not in ("state", "mode") and value is not None:
            lines.append("%s:%s" % (title(name), spell(value)))
    return "\n".join(lines) + "\n"


def title(name):
    return TITLES.get(name) or "-".join(word.capitalize() for word in name.split("_"))


def spell(value):
    """A value as deb822 writes it: yes and no, lists with spaces, further lines indented, empty ones a dot."""
    if isinstance(value, bool):
        return " yes" if value else " no"
    if isinstance(value, list):
        return " " + " ".join(value)
    text = str(value).strip()
    if "\n" not in text:
        return " " + text
    return "".join("\n    " + (line.strip() or ".") for line in text.splitlines())


def apply(host, args, change):
    for path, wanted in change.after.items():
        if "text" in wanted and wanted["text"] is None:
            remove(path)
            continue
        if "text" in wanted:
            _make_folder(os.path.dirname(path))
            write_atomic(path, wanted["text"].encode("latin-1"))
        if wanted.get("mode") is not None:
            set_attributes(path, {"mode": wanted["mode"]})


def _make_folder(path):
    if not os.path.isdir(path):
        os.makedirs(path, 0o755)


def report(host, args, outcome):
    path = _paths(args)[0]
    if args["state"] == "absent":
        return {
            "dest": path,
            "key_filename": os.path.join(KEYRINGS, slug(args["name"]) + ".gpg"),
            "repo": None,
        }
    signed_by = args["signed_by"] or ""
    if args.get("_key") is not None:
        signed_by = key_path(args["name"], args["_key"])
    told = {
        "dest": path,
        "key_filename": signed_by if signed_by.startswith("/") else None,
        "repo": outcome.wanted[path]["text"].encode("latin-1").decode("utf-8"),
    }
    if os.path.exists(path):
        told.update(describe(path))
    return told


def diff(args, outcome):
    return [
        {
            "before": outcome.now[path]["text"] or "",
            "after": outcome.after[path]["text"] or "",
            "before_header": path,
            "after_header": path,
        }
        for path in sorted(outcome.change.after)
    ]
