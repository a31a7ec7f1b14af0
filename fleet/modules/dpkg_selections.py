"""Say what dpkg may do with a package: hold it, let it be upgraded, want it gone.

Nothing is installed or removed by this; that is the module `apt`.
"""

from fleet.remote import dpkg
from fleet.remote.host import Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="Name of the package."),
        "selection": Arg(
            required=True,
            choices=("install", "hold", "deinstall", "purge"),
            help="`hold` keeps the version that is installed, `install` ends that.",
        ),
    },
    returns={"before": "The selection there was.", "after": "The selection there is."},
)

EXAMPLES = """
- name: Keep the kernel as it is
  dpkg_selections: {name: linux-image-amd64, selection: hold}
- name: Let it be upgraded again
  dpkg_selections: {name: linux-image-amd64, selection: install}
"""


def read(host, args):
    name, _, arch = args["name"].partition(":")
    package = dpkg.read_status(host).get(name, arch or None)
    if package is None:
        raise Unmet(
            "Failed to find package '%s' to perform selection '%s'." % (args["name"], args["selection"])
        )
    return {"selection": package.want}


def want(args, now):
    return {"selection": args["selection"]}


def apply(host, args, change):
    host.run(
        [host.need("dpkg", "dpkg"), "--set-selections"], stdin="%s %s\n" % (args["name"], change["selection"])
    )


def report(host, args, outcome):
    return {"before": outcome.now["selection"], "after": args["selection"]}
