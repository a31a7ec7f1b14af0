"""Run Composer, PHP's package manager, in a project or globally."""

import json
import os
import shlex

from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "command": Arg(default="install", help="The command, such as `install`, `update`, `require`."),
        "arguments": Arg(default="", help="More arguments, such as the packages."),
        "executable": Arg("path", aliases=("php_path",), help="The PHP to use."),
        "working_dir": Arg("path", help="The project's folder; not needed with `global_command`."),
        "global_command": Arg("bool", False, help="Run the command for the user, not for a project."),
        "prefer_source": Arg("bool", False, help="Take packages from their repositories."),
        "prefer_dist": Arg("bool", False, help="Take packages from archives."),
        "no_dev": Arg("bool", True, help="Leave out what only development needs."),
        "no_scripts": Arg("bool", False, help="Run no scripts of composer.json."),
        "no_plugins": Arg("bool", False, help="Use no plugins."),
        "apcu_autoloader": Arg("bool", False, help="Keep found classes in APCu."),
        "optimize_autoloader": Arg("bool", True, help="Make a map of all classes."),
        "classmap_authoritative": Arg("bool", False, help="Load classes from that map only."),
        "ignore_platform_reqs": Arg("bool", False, help="Install whatever PHP and extensions are there."),
        "composer_executable": Arg("path", help="The Composer to use."),
    },
    required_if=[("global_command", False, ["working_dir"])],
    returns={"msg": "What Composer said, in one line.", "stdout": "What Composer said."},
)
EXAMPLES = """
- composer: {working_dir: /srv/app}
- name: The tools of the user
  composer: {command: require, arguments: "phpstan/phpstan:^1.10", global_command: true}
"""
FLAGS = ("prefer_source", "prefer_dist", "no_dev", "no_scripts", "no_plugins", "apcu_autoloader",
         "optimize_autoloader", "classmap_authoritative", "ignore_platform_reqs")
ALWAYS = ("no-ansi", "no-interaction", "no-progress")
NOTHING = ("Nothing to install or update", "Nothing to install, update or remove")


def run(host, args):
    if len(args["command"].split()) != 1:
        raise Failed("Use the 'arguments' param for passing arguments with the 'command'")
    program = programs(host, args)
    if host.check and not args["global_command"] and not os.path.isdir(args["working_dir"]):
        raise Unmet("Invalid working directory specified, %s does not exist." % args["working_dir"])
    place = [] if args["global_command"] else ["--working-dir", args["working_dir"]]
    known = options(host, args, program, place)
    if host.check and "dry-run" not in known:
        return {"changed": False, "skipped": True,
                "msg": "command '%s' does not support check mode, skipping" % args["command"]}
    ran = host.run(program + words(args, known, place, host.check), ok=None)
    text = ran.out + ran.err
    if ran.rc != 0:
        raise Failed(" ".join(text.split()) or "composer ended with exit code %d" % ran.rc, rc=ran.rc, stdout=text)
    return {"changed": changed(text), "msg": " ".join(text.split()), "stdout": text}


def programs(host, args):
    """PHP and Composer. Raises Failed where one of them is not there."""
    for name, what in ((args["executable"], "php"), (args["composer_executable"], "composer")):
        if name and not os.path.isfile(name) and host.which(name) is None:
            raise Failed("cannot run %s: there is no such file (%s)" % (name, what))
    php = args["executable"] or host.need("php", "php-cli")
    return [php, args["composer_executable"] or host.need("composer", "composer")]


def options(host, args, program, place):
    """The names of the options that the command knows, as Composer itself tells; asked once a run."""
    key = ("composer", tuple(program), args["command"], args["global_command"])
    if key not in host.cache:
        ran = host.run(program + ["help", args["command"]] + place + ["--no-interaction", "--format=json"], ok=None)
        try:
            known = set(json.loads(ran.out)["definition"]["options"])
        except (ValueError, KeyError, TypeError):
            raise Failed(" ".join((ran.out + ran.err).split()) or "composer has no help", rc=ran.rc,
                         stdout=ran.out + ran.err)
        host.cache[key] = known
    return host.cache[key]


def words(args, known, place, check):
    """The words behind `composer`. Pure."""
    flags = [name.replace("_", "-") for name in FLAGS if args[name]] + list(ALWAYS) + (["dry-run"] if check else [])
    command = (["global"] if args["global_command"] else []) + [args["command"]]
    try:
        more = shlex.split(args["arguments"])
    except ValueError as error:
        raise Failed("arguments: %s: %s" % (error, args["arguments"]))
    return command + ["--" + flag for flag in flags if flag in known] + place + more


def changed(text):
    """Whether Composer did something. Pure."""
    return not any(sentence in text for sentence in NOTHING)
