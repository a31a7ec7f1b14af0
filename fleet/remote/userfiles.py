"""What a user has besides an entry in the databases: a home directory and an SSH key."""

import contextlib
import os
import shutil
import tempfile

from fleet.remote import files, look, sshkey
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
    """Make an SSH key, owned by the user. Raises Failed.

    ssh-keygen writes where only we can look; in the user's own folder may lie a link that leads anywhere.
    """
    path = key_path(args, user["home"])
    folder, name = os.path.split(path)
    if not os.path.isdir(folder) and not os.path.isdir(user["home"]):
        raise Failed("User has no home directory %s to put an SSH key in; set create_home" % user["home"],
                     name=args["name"])
    make_folder(folder, user)
    with pinned(folder, user) as (_, inside):
        for there in (name, name + ".pub"):
            if os.path.lexists(os.path.join(inside, there)) and not args["force"]:
                raise Failed("Did not make an SSH key: %s exists already; force=true replaces it"
                             % os.path.join(folder, there), name=args["name"])
        own = {"uid": user["uid"], "gid": user["gid"]}
        for ending, mode, data in generated(host, args):
            change = dict(own, mode=mode)
            files.write_atomic(os.path.join(inside, name + ending), data, change=change, follow=False)


def generated(host, args):
    """(ending of the name, mode, content) of the two files of a new key."""
    comment = args["ssh_key_comment"].replace("$HOSTNAME", os.uname().nodename)
    folder = tempfile.mkdtemp(prefix="fleet-key-", dir="/run" if os.access("/run", os.W_OK) else None)
    try:
        path = os.path.join(folder, "key")
        sshkey.generate(host, path, args["ssh_key_type"], args["ssh_key_bits"], comment, args["ssh_key_passphrase"])
        return [("", 0o600, files.read_bytes(path)), (".pub", 0o644, files.read_bytes(path + ".pub"))]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_folder(folder, user):
    """Make a folder of the user's, if one is known, where it is missing. Raises Failed."""
    try:
        if os.path.isdir(folder):
            return
        os.mkdir(folder, 0o700)
        if user:
            with pinned(folder, user) as (handle, _):
                os.fchown(handle, user["uid"], user["gid"])
    except OSError as error:
        raise Failed("Failed to create directory %s : %s" % (folder, error.strerror))


def content(path, user):
    """Content of a file in the user's home, b"" when there is none. Raises Failed."""
    if not os.path.exists(path):
        return b""
    with pinned(path, user) as (handle, _):
        try:
            with os.fdopen(os.dup(handle), "rb") as source:
                return source.read() or b""
        except OSError as error:
            raise Failed("cannot read %s: %s" % (path, error.strerror), path=path)


@contextlib.contextmanager
def pinned(path, user):
    """(handle, path) of a file or folder of ``user``; this path leads there whatever is renamed meanwhile.

    Raises Failed where a link in the user's home leads out of it to what is somebody else's: with it the user could
    read what only root may, and have files that are the user's own put where root's are read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise Failed("cannot open %s: %s" % (path, error.strerror), path=path)
    inside = "/proc/self/fd/%d" % handle
    inside = inside if os.path.exists(inside) else path
    try:
        real = os.path.realpath(inside)
        if (is_below(path, user["home"]) and not is_below(real, os.path.realpath(user["home"]))
                and os.fstat(handle).st_uid != user.get("uid")):
            raise Failed("%s leads to %s, which does not belong to the user: it is left alone" % (path, real), path=path)
        yield handle, inside
    except Failed as failed:
        raise Failed(**dict(failed.result, msg=failed.result["msg"].replace(inside, path)))
    finally:
        os.close(handle)


def is_below(path, folder):
    """Whether ``path`` is ``folder`` or in it, by their names. Pure."""
    return (path + "/").startswith(folder.rstrip("/") + "/")


def key_facts(args, user):
    """The return keys about the user's SSH key; nothing of a file that is not the user's."""
    path = key_path(args, user["home"])
    try:
        public = content(path + ".pub", user).decode("utf-8", "surrogateescape").strip()
    except Failed:
        public = ""
    facts = {"ssh_key_file": path}
    if public:
        facts.update(ssh_public_key=public, ssh_fingerprint=sshkey.fingerprint(public))
    return facts
