"""rsync's options and filter rules, as far as `synchronize` has them. Pure. See rsync(1).

A rule is [sign, pattern, base]: ``+`` keeps, ``-`` leaves out, ``P`` keeps the receiver from deleting; ``base``
is the folder (in the names of the transfer) that the rule was read in.
"""

import re

NOTHING = frozenset(
    "-v --verbose -q --quiet -h --human-readable -z --compress -P --progress --partial --stats --no-motd -W --whole-file"
    " --no-whole-file --inplace -i --itemize-changes --delay-updates --no-compress --numeric-ids -s --protect-args"
    " --secluded-args --mkpath --force --fuzzy -y --out-format --info --bwlimit --timeout --contimeout --rsync-path"
    " --compress-level --skip-compress --log-file --log-file-format --temp-dir -T --partial-dir --no-partial -e --rsh"
    " --block-size -B --port --no-i-r --no-inc-recursive --8-bit-output -8 --fsync --no-iconv --one-file-system -x"
    .split()
)
"""Options that say how rsync works, not what is there afterwards."""
VALUED = frozenset(
    "--exclude --include --exclude-from --include-from --filter -f --chmod --chown --link-dest --max-size --min-size"
    " --out-format --info --bwlimit --timeout --contimeout --rsync-path --compress-level --skip-compress --log-file"
    " --log-file-format --temp-dir -T --partial-dir -e --rsh --block-size -B --port".split()
)
SWITCHES = {
    "-r": "recursive", "--recursive": "recursive", "-l": "links", "--links": "links", "-p": "perms",
    "--perms": "perms", "-t": "times", "--times": "times", "-g": "group", "--group": "group", "-o": "owner",
    "--owner": "owner", "-D": "special", "--devices": "special", "--specials": "special", "-c": "checksum",
    "--checksum": "checksum", "-L": "copy_links", "--copy-links": "copy_links", "-d": "dirs", "--dirs": "dirs",
    "-u": "update", "--update": "update", "-I": "ignore_times", "--ignore-times": "ignore_times",
    "--size-only": "size_only", "--existing": "existing_only", "--ignore-non-existing": "existing_only",
    "--ignore-existing": "ignore_existing", "--delete": "delete", "--del": "delete", "--delete-after": "delete",
    "--delete-before": "delete", "--delete-during": "delete", "--delete-delay": "delete",
    "--delete-excluded": "delete_excluded", "-O": "omit_dir_times", "--omit-dir-times": "omit_dir_times",
    "-m": "prune_empty", "--prune-empty-dirs": "prune_empty", "-n": "dry", "--dry-run": "dry", "-F": "merge",
}
ARCHIVE = ("recursive", "links", "perms", "times", "group", "owner", "special")
RULE = {"exclude": "-", "include": "+"}


class Unknown(ValueError):
    """An option, or a rule, that is not supported."""


def options(given):
    """The settings that rsync options come to, with ``rules`` in order and (from files) ``read``. Raises Unknown.

    ``read`` holds [sign, path] where the rules of a file belong; the caller puts them in.
    """
    found = {"rules": []}
    words = list(given)
    while words:
        word = words.pop(0)
        if re.match(r"^-[A-Za-z0-9]{2,}$", word):
            words[:0] = ["-" + letter for letter in word[1:]]
            continue
        name, equals, value = word.partition("=")
        if " " in name and name.startswith("--"):
            name, equals, value = word.partition(" ")
            value = value.strip().strip("'\"")
        if name in VALUED and not equals:
            if not words:
                raise Unknown("the rsync option %s needs a value" % name)
            value = words.pop(0)
        _option(found, name, value)
    return found


def _option(found, name, value):
    if name in ("-a", "--archive"):
        found.update(dict.fromkeys(ARCHIVE, True))
    elif name in SWITCHES:
        found[SWITCHES[name]] = True
        if name == "--delete-excluded":
            found["delete"] = True
    elif name.startswith("--no-") and SWITCHES.get("--" + name[5:], SWITCHES.get("-" + name[5:])):
        found[SWITCHES.get("--" + name[5:]) or SWITCHES["-" + name[5:]]] = False
    elif name in ("--exclude", "--include"):
        found["rules"].append([RULE[name[2:]], value, ""])
    elif name in ("--exclude-from", "--include-from"):
        found["rules"].append(["<" + RULE[name[2:9]], value, ""])
    elif name in ("--filter", "-f"):
        found["rules"].append(rule(value))
    elif name in ("--chmod", "--chown", "--link-dest"):
        key = name[2:].replace("-", "_")
        found[key] = (found.get(key) or []) + [value] if key == "link_dest" else value
    elif name not in NOTHING:
        raise Unknown("the rsync option %s is not supported by synchronize" % (name or repr(name)))


def rule(text, base=""):
    """A line of a filter file or the value of --filter. Raises Unknown."""
    match = re.match(r"^(?:(-|exclude|\+|include|P|protect)[ _,]+)(\S.*)$", text.strip())
    if not match:
        raise Unknown("the rsync filter rule %r is not supported by synchronize" % text)
    word = match.group(1)
    return [{"exclude": "-", "include": "+", "protect": "P"}.get(word, word), match.group(2), base]


def lines(text, sign=None, base=""):
    """The rules of a file: of --exclude-from and --include-from with their sign, else of a filter file."""
    found = []
    for line in text.splitlines():
        if not line.strip() or line.startswith(("#", ";")):
            continue
        found.append([sign, line.strip(), base] if sign else rule(line, base))
    return found


def excluded(rules, name, folder, signs="+-"):
    """Whether the first rule that fits ``name`` leaves it out (or, with ``P`` in ``signs``, protects it)."""
    for sign, pattern, base in rules:
        if sign in signs and fits(pattern, base, name, folder):
            return sign != "+"
    return False


def fits(pattern, base, name, folder, known={}):
    """Whether a pattern fits a name of the transfer, which for a folder has no slash behind it."""
    if base:
        if not name.startswith(base + "/"):
            return False
        name = name[len(base) + 1:]
    if pattern not in known:
        known[pattern] = _compile(pattern)
    compiled, only_folders = known[pattern]
    if only_folders and not folder:
        return False
    return bool(compiled.search(name))


def _compile(pattern):
    everything = pattern.endswith("/***")
    text = pattern[:-4] if everything else pattern
    only_folders = text.endswith("/") and not everything
    text = text.rstrip("/")
    anchored = text.startswith("/")
    text = text.lstrip("/")
    start = "^" if anchored else r"(?:^|/)"
    return re.compile(start + _translate(text) + (r"(?:/.*)?$" if everything else "$"), re.DOTALL), only_folders


def _translate(text):
    parts, place = [], 0
    while place < len(text):
        letter = text[place]
        closing = text.find("]", place + 2) if letter == "[" else -1
        if text.startswith("**", place):
            parts.append(".*")
            place += 2
            continue
        if letter == "\\" and place + 1 < len(text):
            parts.append(re.escape(text[place + 1]))
            place += 2
            continue
        if closing > 0:
            inner = text[place + 1:closing].replace("\\", "\\\\")
            parts.append("[%s]" % ("^" + inner[1:] if inner[0] in "!^" else inner))
            place = closing + 1
            continue
        parts.append({"*": "[^/]*", "?": "[^/]"}.get(letter) or re.escape(letter))
        place += 1
    return "".join(parts)
