"""Look up, set, add and remove elements and attributes of XML files by XPath.

It works with lxml on the host, as the standard library knows a small part of XPath only and loses comments and prefixes.
"""

from fleet.remote import files, hostlibs, xmledit
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "path": Arg("path", aliases=("dest", "file"), help="The file."),
        "xmlstring": Arg(help="XML to work on instead of a file; see `xmlstring` of the result."),
        "xpath": Arg(help="What to look up or change."),
        "namespaces": Arg("dict", default={}, help="The prefixes that stand in paths and names, with their addresses."),
        "state": Arg(default="present", choices=("absent", "present"), aliases=("ensure",),
                     help="Whether what `xpath` selects is there."),
        "attribute": Arg("raw", help="The attribute that `value` is for."),
        "value": Arg("raw", help="The text, or the attribute's value."),
        "add_children": Arg("list", elements="raw", help="Children to add: names, `name: text`, or `name:` with"
                                                         " attributes, and children in `_`."),
        "set_children": Arg("list", elements="raw", help="Children to have, instead of those that are there."),
        "count": Arg("bool", False, help="Count what `xpath` selects."),
        "print_match": Arg("bool", False, help="List the paths of what `xpath` selects."),
        "pretty_print": Arg("bool", False, help="Write the document indented."),
        "content": Arg(choices=("attribute", "text"), help="Give the attributes or texts of what `xpath` selects."),
        "input_type": Arg(default="yaml", choices=("xml", "yaml"), help="How children are written."),
        "backup": Arg("bool", False, help="Keep a copy of the old file, with the time in its name."),
        "strip_cdata_tags": Arg("bool", False, help="Write text that stands in CDATA as other text."),
        "insertbefore": Arg("bool", False, help="Add children before the first that `xpath` selects."),
        "insertafter": Arg("bool", False, help="Add children behind the last that `xpath` selects."),
    },
    exclusive=(("add_children", "content", "count", "print_match", "set_children", "value"), ("path", "xmlstring"),
               ("insertbefore", "insertafter")),
    one_of=(("path", "xmlstring"),),
    required_by={name: ("xpath",) for name in ("add_children", "content", "set_children", "value")},
    required_if=[("count", True, ["xpath"]), ("print_match", True, ["xpath"]), ("insertbefore", True, ["xpath"]),
                 ("insertafter", True, ["xpath"])],
    returns={
        "actions": "The path, the namespaces and the state.",
        "count": "How many the path selects.",
        "matches": "Attributes or texts that were asked for.",
        "msg": "What was found.",
        "xmlstring": "The document, when it was given as `xmlstring`.",
        "backup_file": "Name of the backup.",
    },
)
EXAMPLES = """
- xml: {path: /etc/app/server.xml, xpath: /Server/Service/Connector, attribute: port, value: "8081"}
- xml:
    path: /etc/app/users.xml
    xpath: /users
    add_children:
      - user: {name: deploy, _: [{role: admin}]}
- xml: {path: /etc/app/server.xml, xpath: "//Connector[@port='8009']", state: absent}
"""


def run(host, args):
    etree = need_lxml()
    source = (args["xmlstring"] or "").encode("utf-8") if args["path"] is None else files.read_bytes(args["path"])
    if source is None:
        raise Unmet("The target XML source '%s' does not exist." % args["path"])
    document = parse(etree, source, args)
    before = text(etree, document.tree, True)
    told = {"changed": False}
    if args["xpath"]:
        told["actions"] = {name: args[name] for name in ("xpath", "namespaces", "state")}
        found = look_up(document, args)
        told.update(found or {"changed": edit(document, args)})
    new = text(etree, document.tree, args["pretty_print"])
    if args["pretty_print"] and not told["changed"]:
        told["changed"] = new != source
    if told["changed"] and host.diff:
        told["diff"] = {"before": before.decode("utf-8"), "after": text(etree, document.tree, True).decode("utf-8")}
    if args["path"] is None:
        told["xmlstring"] = new.decode("utf-8")
    elif told["changed"] and not host.check:
        if args["backup"]:
            told["backup_file"] = files.backup(args["path"])
        files.write_atomic(args["path"], new)
    return told


def need_lxml():
    try:
        return hostlibs.load("lxml.etree")
    except ImportError:
        raise Failed("the xml module works with lxml, which the host's Python does not have; install the package"
                     " python3-lxml on the host")


def parse(etree, source, args):
    # Entities stay as they are written: nothing is read from other files or the network.
    parser = etree.XMLParser(remove_blank_text=args["pretty_print"], strip_cdata=args["strip_cdata_tags"],
                             resolve_entities=False, no_network=True)
    try:
        tree = etree.fromstring(source, parser).getroottree()
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Failed("Error while parsing document: %s (%s)" % (args["path"] or "xml_string", error))
    return xmledit.Document(etree, tree, {str(name): str(uri) for name, uri in args["namespaces"].items()})


def text(etree, tree, pretty):
    """The document as it is written. lxml indents only where there are no blanks: see ``parse``."""
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", pretty_print=pretty)


def look_up(document, args):
    """What is asked for, as keys of the result, or None when something is to be changed."""
    path = args["xpath"]
    if args["print_match"]:
        places = [document.tree.getpath(node if document.is_element(node) else node.getparent())
                  for node in document.find(path) if hasattr(node, "getparent")]
        return {"matches": [], "msg": "selector '%s' match: [%s]" % (path, ", ".join('"%s"' % place for place in places))}
    if args["count"]:
        hits = len(document.find(path))
        return {"count": hits, "msg": "found %d nodes" % hits}
    if args["content"]:
        found = [{node.tag: dict(node.attrib) if args["content"] == "attribute" else node.text}
                 for node in document.elements(path)]
        return {"matches": found, "count": len(found), "msg": len(found)}
    return None


def edit(document, args):
    """Change the document; whether that changed it."""
    path = args["xpath"]
    if args["state"] == "absent":
        return xmledit.remove(document, path)
    if args["set_children"] is not None:
        return xmledit.set_children(document, path, args["set_children"], args["input_type"])
    if args["add_children"] is not None:
        return xmledit.add_children(document, path, args["add_children"], args["input_type"], args["insertbefore"],
                                    args["insertafter"])
    if args["value"] is None:
        return xmledit.make(document, path)
    attribute = None if args["attribute"] is None else str(args["attribute"])
    return xmledit.set_value(document, path, str(args["value"]), attribute)
