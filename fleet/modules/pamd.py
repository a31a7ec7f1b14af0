"""Change, add or remove single rules of a PAM service file.

A rule is named by its type, control and module path; all rules that fit are changed. Other lines stay as they
are, and no line with the time of the change is added.
"""

import os

from fleet.remote import editing, files, pamrules
from fleet.remote.host import Unmet
from fleet.remote.spec import Arg, Spec

TYPES = ("account", "-account", "auth", "-auth", "password", "-password", "session", "-session")
NEW = ("new_type", "new_control", "new_module_path")
SPEC = Spec(
    {
        "name": Arg(required=True, help="The service, such as `sshd` or `common-auth`."),
        "type": Arg(required=True, choices=TYPES, help="Type of the rule."),
        "control": Arg(required=True, help="Control of the rule, such as `required` or `[success=1 default=ignore]`."),
        "module_path": Arg(required=True, help="Module of the rule, such as `pam_unix.so`."),
        "new_type": Arg(choices=TYPES, help="Type the rule gets, or that of the rule to add."),
        "new_control": Arg(help="Control the rule gets, or that of the rule to add."),
        "new_module_path": Arg(help="Module the rule gets, or that of the rule to add."),
        "module_arguments": Arg("list", elements="str", help="The module's arguments: all of them, or those to add or"
                                                             " remove (`args_present`, `args_absent`)."),
        "state": Arg(default="updated", help="What to do: change the rule, put a new one before or after it, add or"
                                             " remove arguments, or remove the rule.",
                     choices=("absent", "before", "after", "args_absent", "args_present", "updated")),
        "path": Arg("path", default="/etc/pam.d", help="Folder of the service files."),
        "backup": Arg("bool", False, help="Keep a copy of the old file, with the time in its name."),
    },
    required_if=[
        ("state", "args_present", ["module_arguments"]),
        ("state", "args_absent", ["module_arguments"]),
        ("state", "before", ["new_control", "new_type", "new_module_path"]),
        ("state", "after", ["new_control", "new_type", "new_module_path"]),
    ],
    returns={"change_count": "How many rules were changed, added or removed.", "backupdest": "Name of the backup."},
)
EXAMPLES = """
- name: Passwords are hashed with yescrypt
  pamd:
    {name: common-password, type: password, control: "[success=1 default=ignore]", module_path: pam_unix.so,
     module_arguments: yescrypt, state: args_present}
- name: Accounts are locked after failed logins
  pamd:
    {name: common-auth, type: auth, control: "[success=1 default=ignore]", module_path: pam_unix.so, state: before,
     new_type: auth, new_control: required, new_module_path: pam_faillock.so, module_arguments: [preauth, deny=5]}
"""


def file_of(args):
    return os.path.join(args["path"], args["name"])


def read(host, args):
    path = file_of(args)
    content = files.read_bytes(path)
    if content is None:
        raise Unmet("Unable to open/read PAM module file %s with error [Errno 2] No such file or directory: '%s'."
                    % (path, path))
    return {"content": content}


def want(args, now):
    content, count = edit(now["content"], args)
    return {"content": content} if count else {}


def edit(content, args):
    """The file's content with what ``args`` ask for, and the number of rules that changed. Pure."""
    entries = pamrules.parse(editing.decode(content))
    given = args["module_arguments"]
    words = None if given is None else pamrules.split_arguments(" ".join(given))
    key = pamrules.key_of(args["type"], args["control"], args["module_path"])
    new = tuple(args[name] for name in NEW)
    state = args["state"]
    if state == "updated":
        done = pamrules.update(entries, key, new, words)
    elif state == "absent":
        done = pamrules.remove(entries, key)
    elif state in ("before", "after"):
        done = pamrules.insert(entries, key, pamrules.Rule(pamrules.key_of(*new), words or ()), state == "after")
    else:
        do = pamrules.add_arguments if state == "args_present" else pamrules.drop_arguments
        done = do(entries, key, words)
    return editing.encode(pamrules.render(done[0])), done[1]


def apply(host, args, change):
    path = file_of(args)
    told = {"backupdest": files.backup(path)} if args["backup"] else {}
    files.write_atomic(path, change["content"])
    return told


def report(host, args, outcome):
    return {"change_count": edit(outcome.now["content"], args)[1], "backupdest": ""}


def diff(args, outcome):
    path = file_of(args)
    return editing.text_diff(path, path, outcome.now["content"], outcome.wanted["content"])
