"""Python packages as they lie in site-packages, and what a requirement asks of their versions. Pure but for listing."""

import glob
import os
import re

from fleet.remote.host import Failed

NAME = re.compile(r"^\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(\[[^\]]*\])?\s*(\(?[^;()]*\)?)\s*$")
CLAUSE = re.compile(r"^(===|==|~=|!=|<=|>=|<|>)\s*([\w.*+!-]+)$")


def canonical(name):
    """``Foo.Bar_baz`` -> ``foo-bar-baz``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(folders):
    """{canonical name: version} of what the folders hold; the first folder that has a package wins, as on sys.path."""
    found = {}
    for folder in folders:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in sorted(names):
            stem, ending = os.path.splitext(name)
            if ending not in (".dist-info", ".egg-info"):
                continue
            title, _, version = stem.partition("-")
            version = re.sub(r"-py\d[\d.]*$", "", version)
            if not version or not version[0].isdigit():
                version = _metadata_version(os.path.join(folder, name))
            if version:
                found.setdefault(canonical(title), version)
    return found


def _metadata_version(path):
    for name in ("METADATA", "PKG-INFO", ""):
        try:
            with open(os.path.join(path, name) if name else path, errors="replace") as source:
                for line in source:
                    if line.startswith("Version:"):
                        return line[8:].strip()
        except OSError:
            continue
    return ""


def site_packages(environment):
    """The folders of a virtual environment that packages lie in."""
    return sorted(glob.glob(os.path.join(environment, "lib*", "python*", "site-packages")))


class Requirement(object):
    """``name[extra]>=1.0,<2``; ``plain`` is False for what only pip understands (URLs, paths, markers, extras)."""

    def __init__(self, text):
        self.text = text
        match = NAME.match(text)
        clauses = [part.strip() for part in match.group(3).strip("()").split(",") if part.strip()] if match else []
        self.clauses = [CLAUSE.match(part) for part in clauses]
        self.plain = bool(match) and not match.group(2) and all(self.clauses)
        self.has_version = bool(clauses)
        self.name = match.group(1) if match and all(self.clauses) else None

    def shown(self):
        """The text for pip: the clauses in the order of their text, as packaging writes a requirement."""
        if not self.plain:
            return self.text
        return self.name + ",".join(sorted(clause.group(1) + clause.group(2) for clause in self.clauses))

    def met_by(self, version):
        """Whether a version is right. None where pip has to judge."""
        if not self.plain:
            return None
        answers = [_holds(clause.group(1), clause.group(2), version) for clause in self.clauses]
        return None if None in answers else all(answers)


def joined(names):
    """A list that was cut at the commas of `a>=1,<2` put together again."""
    made = []
    for name in names:
        if made and re.match(r"^\s*[<>=!~]", name):
            made[-1] += "," + name.strip()
        else:
            made.append(name)
    return made


def with_version(names, version):
    """The names with the argument ``version`` added. Raises Failed."""
    if version is None:
        return names
    if len(names) > 1:
        raise Failed("'version' argument is ambiguous when installing multiple package distributions. "
                     "Please specify version restrictions next to each package in 'name' argument.")
    requirement = Requirement(names[0])
    if requirement.has_version:
        raise Failed("The 'version' argument conflicts with any version specifier provided along with a package name. "
                     "Please keep the version specifier, but remove the 'version' argument.")
    return [names[0] + (version if re.match(r"^\s*[<>=!~]", version) else "==" + version)]


def _release(version):
    """``1.2.0`` -> (1, 2); None for versions with letters, whose order is pip's business."""
    if not re.match(r"^\d+(\.\d+)*$", version):
        return None
    numbers = [int(part) for part in version.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _holds(operator, wanted, have):
    if operator in ("==", "===") and wanted == have:
        return True
    if operator in ("==", "!=") and wanted.endswith(".*"):
        # Zeros count here: 1 is 1.0.
        parts = have.split(".") + ["0"] * wanted.count(".")
        within = parts[: wanted.count(".")] == wanted[:-2].split(".") if _release(have) else None
        return within if operator == "==" or within is None else not within
    first, second = _release(have), _release(wanted)
    if first is None or second is None:
        return None
    if operator == "~=":
        base = wanted.split(".")[:-1]
        return first >= second and (have.split(".") + ["0"] * len(base))[: len(base)] == base if base else None
    return {"==": first == second, "===": have == wanted, "!=": first != second, "<=": first <= second,
            ">=": first >= second, "<": first < second, ">": first > second}[operator]
