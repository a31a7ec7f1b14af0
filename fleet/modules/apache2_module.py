"""Enable and disable modules of the Apache web server with a2enmod and a2dismod.

Whether a module is enabled says its link in mods-enabled; apache2ctl is asked before and after a change, and where
there is no such link to look for.
"""

import os
import re

from fleet.remote import look
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="The module, as a2enmod knows it."),
        "identifier": Arg(help="The module as `apache2ctl -M` lists it; by default what its .load file says."),
        "force": Arg("bool", False, help="Disable a module, too, that Debian holds for essential."),
        "state": Arg(default="present", choices=("present", "absent"), help="Whether it is enabled."),
        "ignore_configcheck": Arg("bool", False, help="Go on where apache2ctl finds the configuration wrong, as between"
                                                      " two MPMs."),
        "warn_mpm_absent": Arg("bool", True, help="Warn when no MPM is enabled."),
    },
    returns={"result": "Whether the module is enabled now."},
)
EXAMPLES = """
- apache2_module: {name: rewrite}
- name: Another MPM
  apache2_module: {name: "{{ item.name }}", state: "{{ item.state }}", ignore_configcheck: true}
  loop:
    - {name: mpm_event, state: absent}
    - {name: mpm_prefork, state: present}
"""
CONFIG = "/etc/apache2"


def run(host, args):
    name, wanted = args["name"], args["state"] == "present"
    if not re.match(r"[A-Za-z0-9_][A-Za-z0-9._+-]*$", name):
        raise Failed("%r is no name of a module" % name)
    word = "enabled" if wanted else "disabled"
    program = host.need("a2enmod" if wanted else "a2dismod", "apache2")
    has_link = os.path.lexists(load_file(name))
    loaded = None if has_link and linked(name) == wanted else modules(host, args)
    now = linked(name) if has_link else identifier(args) in (loaded or ())
    if now != wanted and not host.check:
        ran = host.run([program] + (["-f"] if args["force"] else []) + [name], ok=None)
        loaded = modules(host, args) if ran.rc == 0 else None
        done = linked(name) == wanted if os.path.lexists(load_file(name)) else ran.rc == 0
        if loaded is not None:
            done = (identifier(args) in loaded) == wanted
        if ran.rc != 0 or not done:
            raise Failed(trouble(args, word, ran), rc=ran.rc, stdout=ran.out, stderr=ran.err)
    return {"changed": now != wanted, "result": "Module %s %s" % (name, word)}


def load_file(name):
    return "%s/mods-available/%s.load" % (CONFIG, name)


def linked(name):
    return os.path.lexists("%s/mods-enabled/%s.load" % (CONFIG, name))


def identifier(args):
    """The module's name inside of Apache: given, or that of its .load file, or the usual one."""
    if args["identifier"]:
        return args["identifier"]
    for line in look.lines(load_file(args["name"])):
        words = line.split()
        if len(words) > 2 and words[0].lower() == "loadmodule":
            return words[1]
    return args["name"] + "_module"


def modules(host, args):
    """The modules that a start of Apache loads; None when its configuration is wrong and that is to be ignored."""
    program = host.which("apache2ctl") or host.need("apachectl", "apache2")
    ran = host.run([program, "-M"], ok=None)
    if ran.rc == 0:
        return parse(ran.out)
    if not args["ignore_configcheck"]:
        raise Failed("Error executing %s: %s" % (program, ran.err))
    if "AH00534" in ran.err:
        if args["warn_mpm_absent"]:
            host.warn("No MPM module loaded! apache2 reload AND other module actions will fail if no MPM module is"
                      " loaded immediately.")
    else:
        host.warn("Error executing %s: %s" % (program, ran.err))
    return None


def parse(text):
    """The names in the list that `apache2ctl -M` prints, each with how it got in: ``rewrite_module (shared)``. Pure."""
    return [line.split()[0] for line in text.splitlines() if line[:1].isspace() and line.split()]


def trouble(args, word, ran):
    text = "Failed to set module %s to %s:\n%s\n" % (args["name"], word, ran.out)
    if "To continue type in the phrase" in ran.out + ran.err:
        return text + "Debian holds this module for essential; `force: true` disables it all the same."
    return text + ("Maybe the module identifier (%s) was guessed incorrectly.Consider setting the \"identifier\" option."
                   % identifier(args))
