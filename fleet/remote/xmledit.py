"""Changes of an XML document by XPath, on lxml's tree: values, attributes, children, and nodes made where a path leads nowhere.

``etree`` is lxml's, handed in: a host has it or not.
"""

import re

from fleet.remote.host import Failed

STEP = re.compile(r"(@?)([\w.-]+(?::[\w.-]+)?)((?:\[[^\]]*\])*)$", re.UNICODE)
CONDITION = re.compile(r"""\[\s*(@|text\(\)|\.|)([\w.:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')\s*\]""", re.UNICODE)


class Document(object):
    """A parsed document with the namespaces its paths are written with."""

    def __init__(self, etree, tree, namespaces):
        self.etree = etree
        self.tree = tree
        self.namespaces = namespaces

    def find(self, path):
        """What a path selects, as a list. Raises Failed for a path that is none."""
        try:
            found = self.etree.XPath(path, namespaces=self.namespaces)(self.tree)
        except self.etree.XPathSyntaxError as error:
            raise Failed("Syntax error in xpath expression: %s (%s)" % (path, error))
        except self.etree.XPathError as error:
            raise Failed("Error in xpath expression: %s (%s)" % (path, error))
        return found if isinstance(found, list) else [found]

    def elements(self, path):
        """The elements a path selects. Raises Failed when it selects none, or something else."""
        found = self.find(path)
        if not found or not all(map(self.is_element, found)):
            raise Failed("Xpath %s does not reference a node!" % path)
        return found

    def is_element(self, node):
        return isinstance(node, self.etree._Element)

    def name(self, name):
        """A name with a prefix as lxml writes it. Raises Failed for an unknown prefix."""
        prefix, colon, local = name.rpartition(":")
        if not colon:
            return name
        if prefix not in self.namespaces:
            raise Failed("the prefix %s of %s is not in namespaces" % (prefix, name))
        return "{%s}%s" % (self.namespaces[prefix], local)

    def add(self, parent, name):
        try:
            return self.etree.SubElement(parent, self.name(name))
        except ValueError as error:
            raise Failed("%s is no name of an element: %s" % (name, error))


def split_path(path):
    """The steps of a path, slashes in brackets and quotes left alone. Pure."""
    steps, depth, quote, held = [], 0, "", ""
    for letter in path:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "[]":
            depth += 1 if letter == "[" else -1
        elif letter == "/" and not depth:
            steps.append(held)
            held = ""
            continue
        held += letter
    return steps + [held]


def make(document, path):
    """Make what a path selects where it selects nothing; True when something was made. Raises Failed."""
    if document.find(path):
        return False
    steps = split_path(path)
    match = STEP.match(steps[-1])
    above = "/".join(steps[:-1])
    if match is None or not above:
        raise Failed("Can't process Xpath %s in order to spawn nodes!" % path)
    make(document, above)
    attribute, name, conditions = match.groups()
    for parent in document.elements(above):
        if attribute:
            parent.set(document.name(name), "")
        else:
            fulfil(document, document.add(parent, name), conditions, path)
    return True


def fulfil(document, element, conditions, path):
    """Give a new element what the conditions of its step ask for. Raises Failed for conditions of another kind."""
    if CONDITION.sub("", conditions):
        raise Failed("Can't process Xpath %s in order to spawn nodes!" % path)
    for kind, name, double, single in CONDITION.findall(conditions):
        value = double or single
        if kind == "@":
            element.set(document.name(name), value)
        elif kind:
            element.text = value
        else:
            document.add(element, name).text = value


def remove(document, path):
    """Remove the elements or attributes that a path selects; True when there were any."""
    found = document.find(path)
    for node in found:
        if document.is_element(node):
            _remove_element(node)
        elif getattr(node, "is_attribute", False):
            del node.getparent().attrib[node.attrname]
        else:
            raise Failed("Xpath %s does not reference a node!" % path)
    return bool(found)


def _remove_element(node):
    parent = node.getparent()
    if parent is None:
        raise Failed("the root of the document cannot be removed")
    # lxml takes the text behind an element for a part of it; blanks go with it, words do not.
    if node.tail and node.tail.strip():
        before = node.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    parent.remove(node)


def set_value(document, path, value, attribute=None):
    """Give text, or with ``attribute`` this attribute, to what a path selects or would; True when that changed it."""
    changed = make(document, path)
    for node in document.find(path):
        if getattr(node, "is_attribute", False):
            parent, name = node.getparent(), node.attrname
        elif document.is_element(node):
            parent, name = node, document.name(attribute) if attribute else None
        else:
            raise Failed("Xpath %s does not reference a node!" % path)
        try:
            changed = _set(parent, name, value) or changed
        except ValueError as error:
            raise Failed("the value cannot be written in XML: %s" % error)
    return changed


def _set(node, name, value):
    if name is None:
        if (node.text or "") == value:
            return False
        node.text = value
        return True
    if node.get(name) == value:
        return False
    node.set(name, value)
    return True


def children(document, given, kind):
    """Elements made of what ``add_children`` or ``set_children`` say; of texts of XML with ``kind`` xml. Raises Failed."""
    return [_parsed(document, item) if kind == "xml" else _child(document, item) for item in given]


def _parsed(document, item):
    try:
        return document.etree.fromstring(item if isinstance(item, str) else str(item))
    except (document.etree.XMLSyntaxError, ValueError) as error:
        raise Failed("Error while parsing child element: %s" % error)


def _child(document, item):
    if isinstance(item, str):
        return _new(document, item)
    if not isinstance(item, dict) or len(item) != 1:
        raise Failed("a child is a name, or a mapping of one name to its content: %r" % (item,))
    (name, content), = item.items()
    element = _new(document, str(name))
    if not isinstance(content, dict):
        element.text = None if content is None else str(content)
        return element
    for key, value in content.items():
        if key == "_":
            for child in children(document, value if isinstance(value, list) else [value], "yaml"):
                element.append(child)
        elif key == "+value":
            element.text = None if value is None else str(value)
        else:
            element.set(document.name(str(key)), str(value))
    return element


def _new(document, name):
    try:
        return document.etree.Element(document.name(name))
    except ValueError as error:
        raise Failed("%s is no name of an element: %s" % (name, error))


def set_children(document, path, given, kind):
    """The elements a path selects have these children and no others; True when that changed one."""
    changed = False
    for node in document.elements(path):
        wanted = children(document, given, kind)
        if [_form(document, child) for child in node] == [_form(document, child) for child in wanted]:
            continue
        for child in list(node):
            node.remove(child)
        node.extend(wanted)
        changed = True
    return changed


def _form(document, element):
    """An element in a form that does not depend on how it is written."""
    return document.etree.tostring(element, method="c14n", with_tail=False)


def add_children(document, path, given, kind, before=False, after=False):
    """Add children to the elements a path selects, or put them before the first or behind the last of them."""
    nodes = document.elements(path)
    if not (before or after):
        for node in nodes:
            node.extend(children(document, given, kind))
        return bool(given)
    beside = nodes[0] if before else nodes[-1]
    parent = beside.getparent()
    if parent is None:
        raise Failed("beside the root of the document there can be no element")
    at = parent.index(beside) + (0 if before else 1)
    for child in reversed(children(document, given, kind)):
        parent.insert(at, child)
    return bool(given)
