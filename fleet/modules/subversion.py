"""Check out, update or export a folder of a Subversion repository."""

import os
import re

from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "repo": Arg(required=True, aliases=("name", "repository"), help="The address of the repository's folder."),
        "dest": Arg("path", help="Where it goes on the host."),
        "revision": Arg(default="HEAD", aliases=("rev", "version"), help="The revision."),
        "force": Arg("bool", False, help="Throw away changes that were made on the host; without it they are an error."),
        "in_place": Arg("bool", False, help="Check out over a folder that is there already."),
        "username": Arg(help="User for the repository."),
        "password": Arg(no_log=True, help="Its password, given to svn (1.10 or newer) on its standard input."),
        "executable": Arg("path", help="The svn to use."),
        "validate_certs": Arg("bool", False, help="Accept no certificate that cannot be verified."),
        "checkout": Arg("bool", True, help="Check out when the folder is not there."),
        "update": Arg("bool", True, help="Bring a folder that is there to the revision."),
        "export": Arg("bool", False, help="Bring the files only, without what Subversion keeps beside them."),
        "switch": Arg("bool", True, help="Switch a folder that comes from another address."),
    },
    returns={"before": "Revision and address before.", "after": "Revision and address now."},
)
EXAMPLES = """
- subversion: {repo: "svn+ssh://svn.example.org/site/trunk", dest: /srv/site}
- subversion: {repo: "https://svn.example.org/tools/tags/1.2", dest: /opt/tools, export: true, force: true}
"""


def run(host, args):
    if not args["dest"]:
        if args["checkout"] or args["update"] or args["export"]:
            raise Failed("the destination directory must be specified unless checkout=no, update=no, and export=no")
        return {"changed": False, "after": Svn(host, args).remote()}
    svn = Svn(host, args)
    if args["export"]:
        return fetch(host, args, svn)
    if not os.path.lexists(args["dest"]):
        return fetch(host, args, svn) if args["checkout"] else {"changed": False}
    if svn.is_copy():
        return bring_up(host, args, svn) if args["update"] else {"changed": False}
    if not args["in_place"]:
        raise Failed("ERROR: %s folder already exists, but its not a subversion repository." % args["dest"])
    return fetch(host, args, svn)


def fetch(host, args, svn):
    """Export or check out."""
    if host.check:
        return {"changed": True}
    where = ["-r", args["revision"], args["repo"], args["dest"]]
    if args["export"]:
        svn.call(["export"] + (["--force"] if args["force"] else []) + where)
        return {"changed": True}
    svn.call(["checkout"] + (["--force"] if args["in_place"] else []) + where)
    if args["in_place"] and args["force"]:
        svn.call(["revert", "-R", args["dest"]])
    return {"changed": True, "before": None, "after": svn.local()}


def bring_up(host, args, svn):
    """Bring a working copy to the revision and, where it comes from elsewhere, to the address."""
    modified, before = svn.modified(), svn.local()
    if modified and not args["force"]:
        raise Failed("ERROR: modified files exist in the repository.")
    elsewhere = args["switch"] and before[1:] != ["URL: " + args["repo"].rstrip("/")]
    if host.check:
        after = svn.remote()
        return {"changed": modified or elsewhere or before[:1] != [after], "before": before[0], "after": after}
    if modified:
        svn.call(["revert", "-R", args["dest"]])
    if elsewhere:
        svn.call(["switch", "--revision", args["revision"], args["repo"], args["dest"]])
    else:
        svn.call(["update", "-r", args["revision"], args["dest"]])
    after = svn.local()
    return {"changed": modified or before != after, "before": before, "after": after}


class Svn(object):
    """The svn program with what holds for each of its commands."""

    def __init__(self, host, args):
        self.host = host
        self.args = args
        wished = args["executable"]
        if wished and host.which(wished) is None:
            raise Failed("cannot run %s: there is no such program" % wished, rc=2, cmd=wished)
        self.words = [wished or host.need("svn", "subversion"), "--non-interactive", "--no-auth-cache"]
        self.words += [] if args["validate_certs"] else ["--trust-server-cert"]
        self.words += ["--username", args["username"]] if args["username"] else []
        if args["password"]:
            self._refuse_old()
            self.words.append("--password-from-stdin")

    def _refuse_old(self):
        """Before 1.10 svn takes a password as an argument only, where every user of the host could read it."""
        told = self.host.run([self.words[0], "--version", "--quiet"]).out.strip()
        numbers = [int(part) for part in re.findall(r"\d+", told)[:2]]
        if numbers < [1, 10]:
            raise Failed("svn %s cannot take a password without showing it to all users of the host; install 1.10 or"
                         " newer, or use a key or a certificate" % told)

    def call(self, words, ok=(0,)):
        argv = self.words + words
        ran = self.host.run(argv, ok=None, stdin=self.args["password"])
        if ok is not None and ran.rc not in ok:
            raise Failed(ran.err.rstrip() or "svn ended with exit code %d" % ran.rc, rc=ran.rc, cmd=" ".join(argv),
                         stdout=ran.out, stderr=ran.err)
        return ran

    def is_copy(self):
        return self.call(["info", self.args["dest"]], ok=None).rc == 0

    def local(self):
        """[revision, address] of the working copy."""
        return facts(self.call(["info", self.args["dest"]]).out)

    def remote(self):
        """The revision the repository has."""
        return facts(self.call(["info", "-r", self.args["revision"], self.args["repo"]]).out)[0]

    def modified(self):
        """Whether files of the working copy were changed."""
        told = self.call(["status", "--quiet", "--ignore-externals", self.args["dest"]]).out
        return any(line[:1] not in ("?", "X", "", " ", ">") or line[1:2] in ("M", "C") for line in told.splitlines())


def facts(text):
    """The lines of `svn info` with the revision and the address. Pure."""
    found = {line.partition(":")[0]: line for line in text.splitlines() if ": " in line}
    if "Revision" not in found or "URL" not in found:
        raise Failed("Unable to determine the revision: svn info told none", stdout=text)
    return [found["Revision"], found["URL"]]
