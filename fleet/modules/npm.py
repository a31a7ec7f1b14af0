"""Install Node.js packages with npm: those a project's package.json names, or a single one, for a project or globally.

A package that is named is looked for in node_modules, so npm is not started where it is there already. What only npm
understands (URLs, folders, ranges and tags as versions) is handed to it in every run.
"""

import json
import os
import re

from fleet.remote import editing
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(help="The package; without it, all that the package.json in `path` asks for."),
        "path": Arg("path", help="The project's folder; made when it is not there."),
        "version": Arg(help="The version of the package in `name`."),
        "global": Arg("bool", False, help="Install for all projects."),
        "executable": Arg("path", help="The npm to use, such as that of a version manager."),
        "ignore_scripts": Arg("bool", False, help="Run no scripts of packages."),
        "unsafe_perm": Arg("bool", False, help="Do not change to another user for scripts."),
        "ci": Arg("bool", False, help="Install exactly what package-lock.json says, anew in every run."),
        "production": Arg("bool", False, help="Leave out what only development needs."),
        "registry": Arg(help="The address packages come from."),
        "state": Arg(default="present", choices=("present", "absent", "latest"),
                     help="Whether it is there, or there in the newest version that is allowed."),
        "no_optional": Arg("bool", False, help="Leave out optional dependencies."),
        "no_bin_links": Arg("bool", False, help="Make no links to the packages' programs."),
        "force": Arg("bool", False, help="Go on where npm would refuse."),
    },
    required_if=[("state", "absent", ["name"])],
)
EXAMPLES = """
- name: What the application's package.json asks for
  npm: {path: /srv/app, production: true}
- npm: {name: pm2, global: true, version: 5.3.1}
- npm: {path: /srv/app, ci: true}
"""
FLAGS = (("production", "--production"), ("force", "--force"), ("ignore_scripts", "--ignore-scripts"),
         ("unsafe_perm", "--unsafe-perm"), ("no_bin_links", "--no-bin-links"), ("no_optional", "--no-optional"))
PLAIN = re.compile(r"(@[a-z0-9~_-][a-z0-9._~-]*/)?[A-Za-z0-9~_-][A-Za-z0-9._~-]*$")


def run(host, args):
    if not args["path"] and not args["global"]:
        raise Failed("path must be specified when not using global")
    if args["path"] and os.path.lexists(args["path"]) and not os.path.isdir(args["path"]):
        raise Failed("path %s is not a directory" % args["path"])
    npm = Npm(host, args)
    words = todo(npm, args)
    if words and not host.check:
        npm.change(words)
    return {"changed": bool(words)}


def todo(npm, args):
    """The npm command that is due, as words, or []."""
    name = args["name"]
    if args["ci"]:
        return ["ci"]
    there = npm.there(name, args["version"] if args["state"] != "absent" else None)
    if args["state"] == "absent":
        return ["uninstall", name] if there else []
    if not there:
        return ["install"] + ([name + ("@" + args["version"] if args["version"] else "")] if name else [])
    if args["state"] == "latest" and npm.outdated(name):
        return ["update"] + ([name] if name else [])
    return []


class Npm(object):
    """npm for one folder, or for all."""

    def __init__(self, host, args):
        self.host = host
        self.args = args
        self.folder = args["path"]
        self.everywhere = ["--global"] if args["global"] else []
        wished = args["executable"]
        self.program = host.which(wished) if wished else host.need("npm", "npm")
        if self.program is None:
            raise Failed("cannot run %s: there is no such program" % wished, rc=2, cmd=wished)

    def call(self, words, ok=(0,)):
        # npm is a script that looks for node in PATH; a version manager has it beside its npm.
        folders = [os.path.dirname(self.program), self.host.environ().get("PATH", "")]
        folder = self.folder if self.folder and os.path.isdir(self.folder) else None
        ran = self.host.run([self.program] + words + self.everywhere, ok=None, cwd=folder,
                            env={"PATH": ":".join(part for part in folders if part)})
        if ok is not None and ran.rc not in ok:
            raise Failed(ran.err.rstrip() or ran.out.rstrip() or "npm ended with exit code %d" % ran.rc, rc=ran.rc,
                         cmd=" ".join(ran.argv), stdout=ran.out, stderr=ran.err)
        return ran

    def change(self, words):
        if self.folder and not os.path.isdir(self.folder):
            editing.make_folder(self.folder)
        flags = [flag for key, flag in FLAGS if self.args[key]]
        self.call(words + flags + (["--registry", self.args["registry"]] if self.args["registry"] else []))

    def there(self, name, version):
        """Whether a package is installed (in this version, unless None), or without a name all that should be."""
        if not self.everywhere and not os.path.isdir(self.folder):
            return False
        if not name:
            return not missing(self.json(["list", "--json", "--long"]))
        found = self.version(name)
        return found is not None and version in (None, found)

    def version(self, name):
        """The version of an installed package, None when it is not there or npm alone knows what is meant."""
        if not PLAIN.match(name):
            return None
        modules = os.path.join(self.folder or "", "node_modules")
        if self.everywhere:
            modules = self.call(["root"]).out.strip()
        try:
            with open(os.path.join(modules, name, "package.json"), encoding="utf-8") as source:
                told = json.load(source)
        except (OSError, ValueError):
            return None
        return str(told.get("version", "")) if isinstance(told, dict) else None

    def outdated(self, name):
        """Whether npm would update the package, or any, within what package.json allows."""
        told = self.json(["outdated", "--json"])
        chosen = [entry for key, entry in told.items() if name in (None, "", key)]
        entries = [each for entry in chosen for each in (entry if isinstance(entry, list) else [entry])]
        return any(isinstance(each, dict) and each.get("current") != each.get("wanted") for each in entries)

    def json(self, words):
        """What npm tells as JSON; it ends with 1 where it has something to complain of."""
        ran = self.call(words, ok=None)
        try:
            told = json.loads(ran.out or "{}")
        except ValueError as error:
            raise Failed("Failed to parse NPM output with error %s" % error, rc=ran.rc, stdout=ran.out, stderr=ran.err)
        # ELSPROBLEMS is how npm says that packages are missing; the list is whole.
        mistake = told.get("error") if isinstance(told, dict) else {"code": "no object"}
        if isinstance(mistake, dict) and mistake.get("code", "ELSPROBLEMS") != "ELSPROBLEMS":
            raise Failed(ran.err.rstrip() or ran.out.rstrip(), rc=ran.rc, stdout=ran.out, stderr=ran.err)
        return told


def missing(told):
    """Which packages of `npm list` are not there or not as package.json wants them. Pure."""
    found = []
    for name, entry in (told.get("dependencies") or {}).items():
        # An optional package that does not fit this machine is left out rightly.
        if isinstance(entry, dict) and (entry.get("missing") or entry.get("invalid")):
            found.append(name)
    return found
