"""xml: looked up and changed with lxml, where it is installed; without it, the package is named."""

import sys

import pytest
from run_module import run_module

from fleet.remote import xmledit

TEXT = """\
<?xml version='1.0' encoding='UTF-8'?>
<business type="bar">
  <name>Tasty</name>
  <beers>
    <beer>Rochefort 10</beer>
    <beer>St. Bernardus</beer>
  </beers>
  <rating subjective="true">10</rating>
  <!-- kept -->
</business>
"""


@pytest.fixture
def call(tmp_path):
    pytest.importorskip("lxml.etree")
    (tmp_path / "x.xml").write_text(TEXT)

    def run(check=False, **args):
        given = {} if "xmlstring" in args else {"path": str(tmp_path / "x.xml")}
        return run_module("xml", {**given, **args}, check=check, diff=True)

    return run


def test_look_ups(call, tmp_path):
    actions = {"xpath": "/business/beers/beer", "namespaces": {}, "state": "present"}
    assert call(xpath="/business/beers/beer", count=True) == {
        "changed": False, "count": 2, "msg": "found 2 nodes", "actions": actions,
    }  # fmt: skip
    told = call(xpath="/business/beers/beer", content="text")
    assert (
        told["matches"] == [{"beer": "Rochefort 10"}, {"beer": "St. Bernardus"}] and told["count"] == told["msg"] == 2
    )
    assert call(xpath="/business/rating", content="attribute")["matches"] == [{"rating": {"subjective": "true"}}]
    told = call(xpath="/business/beers/beer", print_match=True)
    places = '["/business/beers/beer[1]", "/business/beers/beer[2]"]'
    assert told["msg"] == f"selector '/business/beers/beer' match: {places}" and told["matches"] == []
    assert (tmp_path / "x.xml").read_text() == TEXT


SET = [
    ({"xpath": "/business/rating", "value": "11"}, (">10<", ">11<")),
    ({"xpath": "/business/rating", "value": 10}, None),
    ({"xpath": "/business/rating", "attribute": "subjective", "value": "false"}, ('="true"', '="false"')),
    ({"xpath": "/business/rating/@subjective", "value": "x"}, ('="true"', '="x"')),
    ({"xpath": "/business/rating/@new"}, ('="true"', '="true" new=""')),
    ({"xpath": "/business/rating/@subjective", "state": "absent"}, (' subjective="true"', "")),
    ({"xpath": "/business/none", "state": "absent"}, None),
    ({"xpath": "/business/beers/beer[.='Rochefort 10']", "state": "absent"}, ("<beer>Rochefort 10</beer>\n    ", "")),
    ({"xpath": "/business/beers", "add_children": [{"beer": "Orval"}, "empty"]},
     ("\n  </beers>", "\n  <beer>Orval</beer><empty/></beers>")),
    ({"xpath": "/business/name", "set_children": [{"a": {"k": 1, "_": [{"b": None}]}}]},
     ("<name>Tasty</name>", '<name>Tasty<a k="1"><b/></a></name>')),
    ({"xpath": "/business/beers", "set_children": [{"beer": "Rochefort 10"}, {"beer": "St. Bernardus"}]}, None),
    ({"xpath": "//beer", "insertbefore": True, "add_children": [{"beer": 1}, {"beer": 2}]},
     ("<beer>R", "<beer>1</beer><beer>2</beer><beer>R")),
    ({"xpath": "//beer", "insertafter": True, "add_children": ["x"]}, ("us</beer>\n  ", "us</beer>\n  <x/>")),
    ({"xpath": "/business/name", "add_children": ["<raw k='1'>t</raw>"], "input_type": "xml"},
     ("Tasty<", 'Tasty<raw k="1">t</raw><')),
    ({"xpath": "/business/new/deep[@k='a/b'][text()=\"v\"]/x", "value": "made"},
     ("-->\n", '-->\n<new><deep k="a/b">v<x>made</x></deep></new>')),
    ({"xpath": "/business/name"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("args", "swap"), SET)
def test_what_is_written(call, tmp_path, args, swap):
    wanted = (TEXT.replace(*swap) if swap else TEXT).strip()
    looked = call(check=True, **args)
    assert looked["changed"] == (swap is not None) and (tmp_path / "x.xml").read_text() == TEXT
    told = call(**args)
    assert told == looked and (tmp_path / "x.xml").read_text().strip() == wanted
    assert "add_children" in args or not call(**args)["changed"]
    assert not swap or told["diff"]["before"] != told["diff"]["after"]


def test_namespaces_and_a_text_instead_of_a_file(call):
    text = "<a xmlns='http://n'><b>1</b></a>"
    told = call(xmlstring=text, xpath="/n:a/n:b", namespaces={"n": "http://n"}, value="2")
    assert told["xmlstring"] == "<?xml version='1.0' encoding='UTF-8'?>\n<a xmlns=\"http://n\"><b>2</b></a>"
    told = call(xmlstring=text, xpath="/n:a/n:c", namespaces={"n": "http://n"})
    assert "<b>1</b><c/></a>" in told["xmlstring"]
    assert (
        "prefix m of m:c"
        in call(xmlstring=text, xpath="/n:a", namespaces={"n": "http://n"}, add_children=["m:c"])["msg"]
    )


def test_indentation_and_cdata(call):
    told = call(xmlstring="<a><b><![CDATA[1<]]></b></a>", pretty_print=True)
    assert told["changed"] and told["xmlstring"].endswith("<a>\n  <b><![CDATA[1<]]></b>\n</a>\n")
    assert not call(xmlstring=told["xmlstring"], pretty_print=True)["changed"]
    told = call(xmlstring="<a><b><![CDATA[1<]]></b></a>", xpath="/a/b", content="text", strip_cdata_tags=True)
    assert told["matches"] == [{"b": "1<"}] and "1&lt;" in told["xmlstring"] and not told["changed"]


def test_words_behind_an_element_stay(call):
    told = call(xmlstring="<p>one <b>two</b> three <i/> four</p>", xpath="//b|//i", state="absent")
    assert told["xmlstring"].endswith("<p>one  three  four</p>")


def test_entities_are_not_resolved(call, tmp_path):
    (tmp_path / "secret").write_text("SECRET")
    text = f'<!DOCTYPE a [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><a>&e;</a>'
    told = call(xmlstring=text, xpath="/a/b", value="1")
    assert "SECRET" not in told["xmlstring"] and "<a>&e;<b>1</b></a>" in told["xmlstring"]


def test_a_backup(call):
    with open(call(xpath="/business/name", value="x", backup=True)["backup_file"]) as kept:
        assert kept.read() == TEXT


BAD = [
    ({"xpath": "/a[", "value": "x"}, "Syntax error in xpath expression: /a["),
    ({"xpath": "/business/none", "content": "text"}, "Xpath /business/none does not reference a node!"),
    (
        {"xpath": "/business/none/text()", "value": "x"},
        "Can't process Xpath /business/none/text() in order to spawn nodes!",
    ),
    ({"xpath": "/business/none[position()=3]"}, "in order to spawn nodes!"),
    ({"xpath": "/business", "state": "absent"}, "the root of the document cannot be removed"),
    ({"xpath": "/n:x", "count": True}, "Error in xpath expression"),
    ({"xpath": "/business", "add_children": ["a b"]}, "is no name of an element"),
    ({"xpath": "/business", "add_children": [{"a": 1, "b": 2}]}, "a child is a name"),
    ({"xpath": "/business", "add_children": ["<a"], "input_type": "xml"}, "Error while parsing child element"),
    ({"xpath": "/business/name", "value": "\x01"}, "cannot be written in XML"),
    ({"value": "x"}, "missing parameter(s) required by 'value': xpath"),
    ({"count": True}, "count is True but all of the following are missing: xpath"),
    ({"xmlstring": "<a><b>", "xpath": "/a"}, "Error while parsing document: xml_string"),
    ({"path": "/no/such.xml", "xpath": "/a"}, "The target XML source '/no/such.xml' does not exist."),
    ({"path": "/etc", "xpath": "/a"}, "cannot read /etc"),
    ({"path": "/x", "xmlstring": "<a/>"}, "parameters are mutually exclusive: path|xmlstring"),
    (
        {"xpath": "/a", "value": "x", "set_children": ["a"]},
        "parameters are mutually exclusive: add_children|content|count",
    ),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, tmp_path, args, message):
    told = call(**args)
    assert told["failed"] and message in told["msg"] and (tmp_path / "x.xml").read_text() == TEXT


def test_steps_of_a_path():
    assert xmledit.split_path("/a/b[c/d='x/y']/@e") == ["", "a", "b[c/d='x/y']", "@e"]


def test_without_lxml(monkeypatch):
    monkeypatch.setitem(sys.modules, "lxml", None)
    monkeypatch.delitem(sys.modules, "lxml.etree", raising=False)
    told = run_module("xml", {"xmlstring": "<a/>", "xpath": "/a"})
    assert told["failed"] and "install the package python3-lxml on the host" in told["msg"]
