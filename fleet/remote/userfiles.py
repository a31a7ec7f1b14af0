"""What a user has besides an entry in the databases: a home directory and an SSH key."""

import os
import shutil

from fleet.remote import look, sshkey
from fleet.remote.host import Failed


def make_home(args, user):
    """Make the home directory of a user that exists, with the skeleton's content. Raises Failed."""
    skeleton = args["skeleton"] or "/etc/skel"
    try:
        os.makedirs(os.path.dirname(user["home"]), 0o755, exist_ok=True)
        if os.path.isdir(skeleton):
            shutil.copytree(skeleton, user["home"], symlinks=True)
        else:
            os.mkdir(user["home"])
        os.chmod(user["home"], home_mode(args["umask"], look.lines("/etc/login.defs")))
        for folder, folders, names in os.walk(user["home"]):
            for path in [folder] + [os.path.join(folder, name) for name in folders + names]:
                os.chown(path, user["uid"], user["gid"], follow_symlinks=False)
    except OSError as error:
        raise Failed("cannot make the home directory %s: %s" % (user["home"], error.strerror), name=args["name"])


def home_mode(umask, login_defs):
    """The mode of a home directory: from the umask given, else as login.defs(5) says. Pure."""
    words = [line.split() for line in login_defs]
    found = {line[0]: line[1] for line in words if len(line) > 1}
    if umask is None and "HOME_MODE" in found:
        return int(found["HOME_MODE"], 8)
    return 0o777 & ~int(umask or found.get("UMASK", "022"), 8)


def key_path(args, home):
    """Where the user's SSH key lies."""
    path = args["ssh_key_file"] or ".ssh/id_%s" % args["ssh_key_type"]
    return path if os.path.isabs(path) else os.path.join(home, path)


def make_key(host, args, user):
    """Make an SSH key, owned by the user. Raises Failed."""
    path = key_path(args, user["home"])
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        if not os.path.isdir(user["home"]):
            raise Failed("User has no home directory %s to put an SSH key in; set create_home" % user["home"],
                         name=args["name"])
        os.mkdir(folder, 0o700)
        os.chown(folder, user["uid"], user["gid"])
    for there in (path, path + ".pub"):
        # The user's own folder: what lies there may be a link that leads anywhere.
        if os.path.lexists(there):
            if not args["force"]:
                raise Failed("Did not make an SSH key: %s exists already; force=true replaces it" % there, name=args["name"])
            os.unlink(there)
    comment = args["ssh_key_comment"].replace("$HOSTNAME", os.uname().nodename)
    sshkey.generate(host, path, args["ssh_key_type"], args["ssh_key_bits"], comment, args["ssh_key_passphrase"])
    for made in (path, path + ".pub"):
        os.chown(made, user["uid"], user["gid"], follow_symlinks=False)


def key_facts(args, home):
    """The return keys about the user's SSH key."""
    path = key_path(args, home)
    public = look.text(path + ".pub")
    facts = {"ssh_key_file": path}
    if public:
        facts.update(ssh_public_key=public, ssh_fingerprint=sshkey.fingerprint(public))
    return facts
