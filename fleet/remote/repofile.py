"""yum's .repo files (zypper's too): one section read, replaced or cut out; the rest stays byte for byte."""

import re


def sections(text):
    """[(name, lines)] in order; the lines in front of the first section have the name None."""
    found = [(None, [])]
    for line in text.splitlines():
        head = re.match(r"^\[([^\]]*)\]", line)
        if head:
            found.append((head.group(1), [line]))
        else:
            found[-1][1].append(line)
    return found


def values(lines):
    """Options of a section's lines; lines that start with a blank go on with the value before."""
    found, last = {}, None
    for line in lines[1:]:
        if re.match(r"^\s*[#;]", line) or not line.strip():
            continue
        if line[0] in " \t" and last:
            found[last] += "\n" + line.strip()
            continue
        key, _, value = line.partition("=")
        last = key.strip()
        found[last] = value.strip()
    return found


def read(text, name):
    """The options of section ``name``, None when there is none."""
    for title, lines in sections(text):
        if title == name:
            return values(lines)
    return None


def render(name, options):
    """Lines of a section, options sorted."""
    lines = ["[%s]" % name]
    for key in sorted(options):
        lines.append("%s = %s" % (key, options[key].replace("\n", "\n\t")))
    return lines + [""]


def put(text, name, options):
    """``text`` with section ``name`` made of ``options``; None takes it out. Text without sections becomes ""."""
    found = sections(text)
    fresh = None if options is None else render(name, options)
    kept, seen = [], False
    for title, lines in found:
        if title != name:
            kept.append((title, lines))
        elif fresh is not None and not seen:
            kept.append((name, fresh))
            seen = True
    if fresh is not None and not seen:
        if kept[-1][1] and kept[-1][1][-1].strip():
            kept[-1][1].append("")
        kept.append((name, fresh))
    if all(title is None for title, _ in kept):
        return ""
    return "".join(line + "\n" for _, lines in kept for line in lines)
