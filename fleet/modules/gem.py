"""Install Ruby gems, for the user, for all or into a folder of their own."""

import re
import shlex

from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="The gem."),
        "state": Arg(default="present", choices=("present", "absent", "latest"),
                     help="Whether it is there, or there in its newest version."),
        "gem_source": Arg("path", help="A file of a gem on the host to install from."),
        "include_dependencies": Arg("bool", True, help="Install what it needs, too."),
        "repository": Arg(aliases=("source",), help="Where gems come from."),
        "user_install": Arg("bool", True, help="Install for the user the task runs as, not for all."),
        "executable": Arg("path", help="The gem program to use."),
        "install_dir": Arg("path", help="A folder to install into; needs `user_install: false`."),
        "bindir": Arg("path", help="The folder for the gem's programs."),
        "norc": Arg("bool", True, help="Read no .gemrc."),
        "env_shebang": Arg("bool", False, help="Programs of the gem look for ruby with /usr/bin/env."),
        "version": Arg(help="The version, or a condition such as `~> 1.2`."),
        "pre_release": Arg("bool", False, help="Take versions before a release, too."),
        "include_doc": Arg("bool", False, help="Install documentation, too."),
        "build_flags": Arg(help="Flags for what is compiled."),
        "force": Arg("bool", False, help="Install or remove it whatever depends on it."),
    },
    exclusive=(("gem_source", "repository"), ("gem_source", "version")),
    returns={"name": "The gem.", "state": "The state asked for.", "version": "The version, when one is known."},
)
EXAMPLES = """
- gem: {name: bundler, version: 2.4.22, user_install: false}
- gem: {name: app-tools, gem_source: /usr/local/src/app-tools-1.0.gem}
- gem: {name: rake, state: absent}
"""


def run(host, args):
    if args["gem_source"] and args["state"] == "latest":
        raise Failed("Cannot maintain state=latest when installing from local source")
    if args["user_install"] and args["install_dir"]:
        raise Failed("install_dir requires user_install=false")
    gem = Gem(host, args)
    version = gem.newest() if args["state"] == "latest" else args["version"]
    due = there(gem.versions(), version) == (args["state"] == "absent")
    if due and not host.check:
        gem.call(uninstall(args) if args["state"] == "absent" else install(args, version))
    told = {"changed": due, "name": args["name"], "state": args["state"]}
    return dict(told, version=version) if version else told


def there(versions, version):
    """Whether the gem is installed, in this version unless None. Pure."""
    return version in versions if version else bool(versions)


class Gem(object):
    """The gem program with what holds for each of its commands."""

    def __init__(self, host, args):
        self.host = host
        self.args = args
        wished = shlex.split(args["executable"] or "")
        if wished and host.which(wished[0]) is None:
            raise Failed("cannot run %s: there is no such program" % wished[0], rc=2, cmd=wished[0])
        self.words = wished or [host.need("gem", "ruby")]
        self.norc = ["--norc"] if args["norc"] else []

    def call(self, words):
        env = {"GEM_HOME": self.args["install_dir"]} if self.args["install_dir"] else None
        argv = self.words + words[:1] + self.norc + words[1:]
        ran = self.host.run(argv, ok=None, env=env)
        if ran.rc != 0 and self.norc and "invalid option: --norc" in ran.err:
            # RubyGems before 2.5.2.
            self.norc = []
            return self.call(words)
        if ran.rc != 0:
            raise Failed(ran.err.rstrip() or "gem ended with exit code %d" % ran.rc, rc=ran.rc, cmd=" ".join(argv),
                         stdout=ran.out, stderr=ran.err)
        return ran.out

    def versions(self):
        """The installed versions."""
        return parse(self.call(["list", "^%s$" % re.escape(self.args["name"])]))

    def newest(self):
        """The newest version there is to install. Raises Failed."""
        words = ["list", "--remote", "^%s$" % re.escape(self.args["name"])]
        words += ["--source", self.args["repository"]] if self.args["repository"] else []
        found = parse(self.call(words + (["--prerelease"] if self.args["pre_release"] else [])))
        if not found:
            raise Failed("the gem %s was not found where gems come from" % self.args["name"])
        return found[0]


def parse(text):
    """The versions in a list such as ``rake (13.0.6, default: 12.3.3 ruby java)``, newest first. Pure."""
    found = []
    for line in text.splitlines():
        match = re.match(r"\S+\s+\((.+)\)", line)
        for part in match.group(1).split(", ") if match else ():
            words = part.split()
            words = words[1:] if words and words[0] == "default:" else words
            found += words[:1]
    return found


def install(args, version):
    """The words of the command that installs. Pure."""
    words = ["install"]
    words += ["--version", version] if version else []
    words += ["--source", args["repository"]] if args["repository"] else []
    words += [] if args["include_dependencies"] else ["--ignore-dependencies"]
    words += ["--user-install"] if args["user_install"] else ["--no-user-install"]
    words += ["--install-dir", args["install_dir"]] if args["install_dir"] else []
    words += ["--bindir", args["bindir"]] if args["bindir"] else []
    words += ["--prerelease"] if args["pre_release"] else []
    words += [] if args["include_doc"] else ["--no-document"]
    words += ["--env-shebang"] if args["env_shebang"] else []
    words += ["--force"] if args["force"] else []
    words.append(args["gem_source"] or args["name"])
    return words + (["--", args["build_flags"]] if args["build_flags"] else [])


def uninstall(args):
    """The words of the command that removes. Pure."""
    words = ["uninstall"]
    words += ["--install-dir", args["install_dir"]] if args["install_dir"] else []
    words += ["--bindir", args["bindir"]] if args["bindir"] else []
    words += ["--version", args["version"]] if args["version"] else ["--all"]
    return words + ["--executable"] + (["--force"] if args["force"] else []) + [args["name"]]
