"""Add, change and remove repositories in yum's and dnf's .repo files.

Only the section of the repository is written; other sections and comments of the file stay as they are.
"""

import os

from fleet.remote import editing, files, repofile
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

BOOLS = {
    "async": "Fetch lists and packages at the same time as others.",
    "countme": "Let the mirrors count hosts.",
    "enabled": "Whether it is used.",
    "enablegroups": "Whether its groups may be used.",
    "gpgcheck": "Whether packages must be signed.",
    "keepalive": "Keep connections open.",
    "module_hotfixes": "Let its packages pass module filters.",
    "protect": "Protect its packages against updates from others.",
    "repo_gpgcheck": "Whether the lists must be signed.",
    "s3_enabled": "Whether S3 is used for it.",
    "skip_if_unavailable": "Go on without it when it cannot be reached.",
    "ssl_check_cert_permissions": "Check permissions of certificates.",
    "sslverify": "Whether the server's certificate is checked.",
}
TEXTS = {
    "bandwidth": "Highest bandwidth in bytes a second.",
    "cost": "Cost against other repositories.",
    "deltarpm_metadata_percentage": "Largest size of delta lists in percent.",
    "deltarpm_percentage": "Largest size of deltas in percent.",
    "gpgcakey": "URL of the CA key.",
    "include": "File or URL of more configuration.",
    "metadata_expire": "Age after which the lists are fetched again.",
    "metalink": "URL of a metalink file.",
    "mirrorlist": "URL of a list of mirrors.",
    "mirrorlist_expire": "Age after which that list is fetched again.",
    "password": "Password for the repository.",
    "priority": "Lower numbers win.",
    "proxy": "URL of a proxy, `_none_` for none.",
    "proxy_password": "Password for the proxy.",
    "proxy_username": "User for the proxy.",
    "retries": "How often to try.",
    "sslcacert": "File or folder of CA certificates.",
    "sslclientcert": "Certificate this host shows.",
    "sslclientkey": "Key of that certificate.",
    "throttle": "Highest bandwidth, as number or percentage.",
    "timeout": "Seconds to wait for a connection.",
    "ui_repoid_vars": "Variables shown beside the id.",
    "username": "User for the repository.",
}
LISTS = {
    "baseurl": ("\n", "Addresses of the repository."),
    "gpgkey": ("\n", "Addresses of its keys."),
    "exclude": (" ", "Packages not taken from it."),
    "includepkgs": (" ", "The only packages taken from it."),
}
CHOICES = {
    "failovermethod": (("roundrobin", "priority"), "Order in which addresses are tried."),
    "http_caching": (("all", "packages", "none"), "What proxies may keep."),
    "ip_resolve": (("4", "6", "IPv4", "IPv6", "whatever"), "IP version to use."),
    "keepcache": (("0", "1"), "Whether packages are kept after they are installed."),
    "metadata_expire_filter": (
        ("never", "read-only:past", "read-only:present", "read-only:future"),
        "Which calls may use lists that are too old.",
    ),
}
ALIASES = {
    "exclude": ("excludepkgs",),
    "sslcacert": ("ca_cert",),
    "sslclientcert": ("client_cert",),
    "sslclientkey": ("client_key",),
    "sslverify": ("validate_certs",),
}
SECRET = ("password", "proxy_password")

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        name=Arg(required=True, help="Id of the repository."),
        description=Arg(help="Its name for people."),
        file=Arg(help="Name of the file without `.repo`; the id when left out."),
        reposdir=Arg("path", "/etc/yum.repos.d", help="Folder of the file."),
        state=Arg(default="present", choices=("absent", "present"), help="Whether it is there."),
        **dict(
            [(name, Arg("bool", aliases=ALIASES.get(name, ()), help=text)) for name, text in BOOLS.items()]
            + [
                (name, Arg(aliases=ALIASES.get(name, ()), no_log=name in SECRET, help=text))
                for name, text in TEXTS.items()
            ]
            + [
                (name, Arg("list", elements="str", aliases=ALIASES.get(name, ()), help=text))
                for name, (_, text) in LISTS.items()
            ]
            + [(name, Arg(choices=values, help=text)) for name, (values, text) in CHOICES.items()]
        ),
    ),
    required_if=(
        ("state", "present", ("description",)),
        ("state", "present", ("baseurl", "mirrorlist", "metalink"), True),
    ),
    returns={"repo": "The id.", "state": "present or absent."},
)

EXAMPLES = """
- name: Add EPEL
  yum_repository:
    name: epel
    description: Extra packages
    baseurl: https://download.example.org/epel/$releasever/$basearch/
    gpgkey: https://download.example.org/RPM-GPG-KEY-EPEL
- name: Remove it
  yum_repository: {name: epel, state: absent}
"""


def path_of(args):
    return os.path.join(args["reposdir"], (args["file"] or args["name"]) + ".repo")


def read(host, args):
    path = path_of(args)
    if not os.path.isdir(args["reposdir"]):
        raise Unmet("Repo directory '%s' does not exist." % args["reposdir"])
    data = files.read_bytes(path)
    return dict(files.read_attributes(path, args=args), content=None if data is None else editing.decode(data))


def want(args, now):
    text = now["content"] or ""
    have = repofile.read(text, args["name"])
    wanted = {}
    if args["state"] == "absent":
        return {} if have is None else {"content": repofile.put(text, args["name"], None) or None}
    options = wanted_options(args)
    wanted["content"] = text if have == options else repofile.put(text, args["name"], options)
    wanted.update(files.want_attributes(args, now, path=path_of(args)))
    return wanted


def wanted_options(args):
    """The section's options as text."""
    found = {"name": args["description"]}
    for name in BOOLS:
        if args[name] is not None:
            found[name] = "1" if args[name] else "0"
    for name, (joint, _) in LISTS.items():
        if args[name] is not None:
            found[name] = joint.join(args[name])
    for name in list(TEXTS) + list(CHOICES):
        if args[name] is not None:
            found[name] = args[name]
    for name, value in found.items():
        if "\n" in value and name not in LISTS:
            raise Failed("the value of %s must be one line" % name)
    return {name: value for name, value in found.items() if value != ""}


def apply(host, args, change):
    path = path_of(args)
    if "content" not in change:
        files.set_attributes(path, change)
    elif change["content"] is None:
        files.remove(path)
    else:
        data = editing.encode(change["content"])
        files.write_atomic(path, data, mode=0o644, unsafe=args["unsafe_writes"], change=change.after)


def report(host, args, outcome):
    return {"repo": args["name"], "state": args["state"]}


def diff(args, outcome):
    path = path_of(args)
    return {
        "before": outcome.now["content"] or "",
        "after": outcome.after["content"] or "",
        "before_header": path,
        "after_header": path,
    }
