"""Make, change or remove a user of the host.

Only what differs is changed. Password hashes travel over standard input, never on a command line.
"""

import os
import re

from fleet.remote import userfiles
from fleet.remote.accounts import (
    DAY,
    date_of,
    find_group,
    find_shadow,
    find_user,
    group_names,
    group_number,
    memberships,
    tool,
)
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, aliases=("user",), help="Name of the user."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the user is to exist."),
        "uid": Arg("int", help="Number of the user."),
        "non_unique": Arg("bool", False, help="Allow a number that another user has; needs `uid`."),
        "group": Arg(help="Primary group, by name or number; it must exist."),
        "groups": Arg("list", elements="str", help="Further groups; an empty list takes the user out of all."),
        "append": Arg("bool", False, help="Add `groups` to those the user is in, instead of replacing them."),
        "comment": Arg(help="The full name (GECOS field)."),
        "home": Arg("path", help="Home directory."),
        "move_home": Arg("bool", False, help="Move the content of the old home directory to the new one."),
        "create_home": Arg("bool", True, aliases=("createhome",), help="Make the home directory when it is missing."),
        "skeleton": Arg(help="Folder whose content a new home directory starts with."),
        "umask": Arg(help="Umask that a new home directory is made with."),
        "shell": Arg("path", help="Login shell."),
        "system": Arg("bool", False, help="Make a new user as a user of the system."),
        "uid_min": Arg("int", help="Least number a new user may get."),
        "uid_max": Arg("int", help="Greatest number a new user may get."),
        "password": Arg(no_log=True, help="Hash of the password, as crypt(5) makes it; not the password itself."),
        "update_password": Arg(default="always", choices=("always", "on_create"),
                               help="Whether to set the password of a user that exists."),
        "password_lock": Arg("bool", help="Lock or unlock the password."),
        "password_expire_max": Arg("int", help="Days after which the password must be changed."),
        "password_expire_min": Arg("int", help="Days before the password may be changed again."),
        "password_expire_warn": Arg("int", help="Days of warning before the password expires."),
        "password_expire_account_disable": Arg("int", help="Days after expiry until the account is disabled."),
        "expires": Arg("float", help="When the account expires, in seconds since the epoch; negative is never."),
        "force": Arg("bool", False, help="With `state: absent`: remove even a user that is logged in."),
        "remove": Arg("bool", False, help="With `state: absent`: remove home directory and mail too."),
        "local": Arg("bool", False, help="Look only at the host's own files, not at directory services."),
        "seuser": Arg(help="SELinux user of the login."),
        "generate_ssh_key": Arg("bool", False, help="Make an SSH key when there is none; never overwrites one."),
        "ssh_key_bits": Arg("int", help="Size of the SSH key, by default what ssh-keygen takes."),
        "ssh_key_comment": Arg(default="ansible-generated on $HOSTNAME", help="Comment of the SSH key."),
        "ssh_key_file": Arg("path", help="Where the SSH key lies; relative to the home directory."),
        "ssh_key_passphrase": Arg(no_log=True, help="Passphrase of the SSH key."),
        "ssh_key_type": Arg(default="rsa", help="Kind of SSH key, as ssh-keygen calls it."),
        "authorization": Arg(help="For other systems than Linux; accepted and ignored."),
        "hidden": Arg("bool", help="For macOS; accepted and ignored."),
        "login_class": Arg(help="For BSD; accepted and ignored."),
        "profile": Arg(help="For Solaris; accepted and ignored."),
        "role": Arg(help="For Solaris; accepted and ignored."),
    },
    required_if=(("non_unique", True, ("uid",)),),
    returns={
        "name": "The user's name.",
        "state": "Whether the user exists.",
        "uid": "The user's number.",
        "group": "Number of the primary group.",
        "groups": "The further groups asked for, with commas.",
        "comment": "The full name.",
        "home": "The home directory.",
        "shell": "The login shell.",
        "append": "Whether groups were added only.",
        "move_home": "Whether the home directory was to be moved.",
        "create_home": "Whether a home directory was to be made.",
        "system": "Whether a user of the system was asked for.",
        "password": "A placeholder, when a password was given.",
        "ssh_fingerprint": "Fingerprint of the SSH key.",
        "ssh_key_file": "Where the SSH key lies.",
        "ssh_public_key": "The public SSH key.",
        "remove": "Whether the home directory was to be removed.",
        "force": "Whether removal was forced.",
    },
)
EXAMPLES = """
- name: A user who deploys
  user:
    name: deploy
    groups: [adm, www-data]
    append: true
    shell: /bin/bash
- name: A user of the system
  user:
    name: app
    system: true
    home: /var/lib/app
    shell: /usr/sbin/nologin
- name: Gone with everything
  user:
    name: former
    state: absent
    remove: true
"""

# What usermod and useradd change by an option of their own
OPTIONS = {"uid": "-u", "gid": "-g", "comment": "-c", "home": "-d", "shell": "-s"}
AGES = {"min": ("password_expire_min", "-m"), "max": ("password_expire_max", "-M"),
        "warn": ("password_expire_warn", "-W"), "inactive": ("password_expire_account_disable", "-I")}


def read(host, args):
    name = args["name"]
    user = find_user(name, args["local"])
    now = {"exists": user is not None, "group_numbers": {}}
    for group in filter(None, [args["group"]] + (args["groups"] or [])):
        now["group_numbers"][group] = group_number(group, args["local"])
    now["group_names"] = group_names([number for group, number in now["group_numbers"].items() if group.isdigit()])
    if user is None:
        return now
    now.update({key: user[key] for key in ("uid", "gid", "comment", "home", "shell")})
    now["groups"] = memberships(name, user)
    now["home_exists"] = os.path.isdir(user["home"])
    now["ssh_key"] = os.path.exists(userfiles.key_path(args, user["home"]))
    shadow = find_shadow(name)
    if shadow:
        stored = shadow["password"]
        now.update({key: shadow[key] for key in ("min", "max", "warn", "inactive", "expires")})
        now.update(password=stored.lstrip("!"), locked=stored.startswith("!"), stored=stored)
        if now["expires"] is not None and now["expires"] < 0:
            now["expires"] = None
    elif os.access("/etc/shadow", os.R_OK):
        # Neither a day nor none: even "never" has to be written down.
        now["expires"] = "no entry"
    return now


def want(args, now):
    for name in ("umask", "uid_min", "uid_max"):
        if args["local"] and args[name] is not None:
            raise Failed("'%s' can not be used with 'local'" % name)
    if args["state"] == "absent":
        return {"exists": False}
    wanted = {"exists": True}
    for group, number in now["group_numbers"].items():
        if number is None:
            raise Unmet("Group %s does not exist" % group)
    for key in ("uid", "comment", "home", "shell"):
        if args[key] is not None:
            wanted[key] = args[key]
    if args["group"] is not None:
        wanted["gid"] = now["group_numbers"][args["group"]]
    if args["groups"] is not None:
        wanted["groups"] = want_groups(args, now, wanted.get("gid", now.get("gid")))
    if args["create_home"]:
        wanted["home_exists"] = True
    if args["generate_ssh_key"]:
        wanted["ssh_key"] = True
    wanted.update(want_shadow(args, now))
    return wanted


def want_groups(args, now, primary):
    """The sorted names of the groups that the user is to be in, without the primary one. Pure."""
    numbers, names = now["group_numbers"], now["group_names"]
    asked = [group for group in args["groups"] if group and numbers[group] != primary]
    asked = set(names.get(numbers[group], group) if group.isdigit() else group for group in asked)
    return sorted(asked | set(now.get("groups", ()))) if args["append"] else sorted(asked)


def want_shadow(args, now):
    """What /etc/shadow is to say. Pure."""
    wanted = {}
    new = not now["exists"]
    if args["password"] is not None and (new or args["update_password"] == "always"):
        wanted["password"] = args["password"].lstrip("!")
    if args["password_lock"] is not None and not (args["password_lock"] is False and now.get("stored") in ("!", "!!")):
        if not (new and args["password_lock"] is False):
            wanted["locked"] = args["password_lock"]
    if args["expires"] is not None:
        wanted["expires"] = int(args["expires"] // DAY) if args["expires"] >= 0 else None
        if new and wanted["expires"] is None:
            del wanted["expires"]
    for key, (name, _) in AGES.items():
        if args[name] is not None:
            wanted[key] = args[name]
    return wanted


def apply(host, args, change):
    said = []
    if "exists" in change and not change["exists"]:
        options = (["-f"] if args["force"] else []) + (["-r"] if args["remove"] else [])
        said.append(tool(host, ["userdel"] + options + [args["name"]], args["name"]))
        return outputs(said)
    if "exists" in change:
        said.append(_create(host, args, change))
    else:
        argv = modify_command(args, change, find_user(args["name"], args["local"]))
        if argv:
            said.append(tool(host, argv, args["name"]))
    _shadow(host, args, change, said)
    user = find_user(args["name"], args["local"])
    if user and args["create_home"] and not os.path.isdir(user["home"]):
        userfiles.make_home(args, user)
    if change.get("ssh_key") and user:
        userfiles.make_key(host, args, user)
    return outputs(said)


def outputs(said):
    """What programs printed, as Ansible returns it: only when there is something."""
    told = {"stdout": "".join(ran.out for ran in said), "stderr": "".join(ran.err for ran in said)}
    told = {key: text for key, text in told.items() if text}
    told.update({key + "_lines": told[key].splitlines() for key in list(told)})
    return told


def _create(host, args, change):
    if args["home"] and args["create_home"]:
        os.makedirs(os.path.dirname(os.path.abspath(args["home"])), 0o755, exist_ok=True)
    own_group = args["group"] is None and find_group(args["name"]) is not None
    return tool(host, create_command(args, change, own_group), args["name"])


def create_command(args, change, own_group):
    """useradd and its options; ``own_group``: a group of the user's name exists already. Pure."""
    argv = ["useradd"]
    for key, option in OPTIONS.items():
        if key in change:
            argv += [option, str(change[key])]
    if own_group:
        argv.append("-N")
    if change.get("groups"):
        argv += ["-G", ",".join(change["groups"])]
    if args["non_unique"] and "uid" in change:
        argv.append("-o")
    if change.get("expires") is not None:
        argv += ["-e", date_of(change["expires"])]
    argv.append("-m" if args["create_home"] else "-M")
    if args["create_home"] and args["skeleton"]:
        argv += ["-k", args["skeleton"]]
    if args["system"]:
        argv.append("-r")
    if args["seuser"]:
        argv += ["-Z", args["seuser"]]
    for key, name in (("UMASK", "umask"), ("UID_MIN", "uid_min"), ("UID_MAX", "uid_max")):
        if args[name] is not None:
            argv += ["-K", "%s=%s" % (key, args[name])]
    return argv + [args["name"]]


def modify_command(args, change, user):
    """usermod and its options for what it can change, or None. Pure."""
    argv = []
    for key, option in OPTIONS.items():
        if key in change:
            argv += [option, str(change[key])]
    if "home" in change and args["move_home"] and user and os.path.isdir(user["home"]):
        argv.append("-m")
    if "uid" in change and args["non_unique"]:
        argv.append("-o")
    if "groups" in change:
        argv += ["-G", ",".join(change["groups"])]
    if "expires" in change:
        argv += ["-e", "" if change["expires"] is None else date_of(change["expires"])]
    if argv and args["seuser"]:
        argv += ["-Z", args["seuser"]]
    return ["usermod"] + argv + [args["name"]] if argv else None


def _shadow(host, args, change, said):
    """Password, lock and ages, after the account is there."""
    name = args["name"]
    if "password" in change:
        text = args["password"]
        if args["password_lock"]:
            text = "!" + text.lstrip("!")
        said.append(tool(host, ["chpasswd", "-e"], name, stdin="%s:%s\n" % (name, text)))
        if suspicious(text):
            host.warn("The input password appears not to have been hashed. "
                      "The 'password' argument must be encrypted for this module to work properly.")
    if "expires" in change and not find_shadow(name):
        # usermod takes the lack of an entry for one without an end; chage makes the entry.
        days = -1 if change["expires"] is None else change["expires"]
        said.append(tool(host, ["chage", "-E", str(days), name], name))
    if "locked" in change and ("password" not in change or not args["password_lock"]):
        stored = find_shadow(name).get("password", "")
        if stored.startswith("!") != change["locked"]:
            said.append(tool(host, ["usermod", "-L" if change["locked"] else "-U", name], name))
    ages = [word for key, (_, option) in AGES.items() if key in change for word in (option, str(change[key]))]
    if ages:
        said.append(tool(host, ["chage"] + ages + [name], name))


HASHES = {"1": 22, "5": 43, "6": 86}


def suspicious(text):
    """Whether a password looks as if it were not hashed. Pure."""
    text = text.lstrip("!")
    # A row of stars, like the other two, matches no password and says so to every reader.
    if text == "x" or not text.strip("*"):
        return False
    fields = text.split("$")
    if len(fields) < 4:
        return not re.match(r"^[./0-9A-Za-z]{13}$", text)
    if not re.match(r"^[./0-9A-Za-z]+$", fields[-1]):
        return True
    return fields[1] in HASHES and len(fields[-1]) != HASHES[fields[1]]


def report(host, args, outcome):
    if args["append"] and not args["groups"] and args["state"] != "absent":
        host.warn("'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups.")
    now, after = outcome.now, outcome.after
    result = {"name": args["name"], "state": args["state"]}
    if args["state"] == "absent":
        if outcome.change:
            result.update(force=args["force"], remove=args["remove"])
        return result
    if now["exists"]:
        result.update(append=args["append"], move_home=args["move_home"])
    else:
        result.update(create_home=args["create_home"], system=args["system"])
    result.update({key: after[key] for key in ("uid", "comment", "home", "shell") if after.get(key) is not None})
    if after.get("gid") is not None:
        result["group"] = after["gid"]
    if args["groups"] is not None:
        result["groups"] = ",".join(group for group in args["groups"])
    if args["password"] is not None:
        result["password"] = "NOT_LOGGING_PASSWORD"
    if args["generate_ssh_key"] and after.get("home"):
        result.update(userfiles.key_facts(args, after))
    return result


HIDDEN = ("password", "stored")


def diff(args, outcome):
    """The differing keys without what must not be seen."""
    from fleet.remote.state import as_lines

    sides = []
    for values in (outcome.change.before, outcome.change.after):
        shown = {key: value for key, value in values.items() if key not in HIDDEN}
        if "password" in values:
            shown["password"] = "(hidden)"
        sides.append(as_lines(shown))
    return {"before": sides[0], "after": sides[1]}
