"""Gather facts about the host.

Facts are read in-process from /proc, /sys and /etc. Inside plays only what the play reads is gathered.
"""

from fleet.remote import facts
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "gather_subset": Arg("list", ["all"], elements="str",
                             help="Subsets to gather, such as `network`; `!name` leaves one out, `min` is the least."),
        "gather_timeout": Arg("int", 10, help="Accepted; the only slow source, file servers, has a limit of its own."),
        "filter": Arg("list", [], elements="str", help="Shell patterns; only facts whose name fits one are returned."),
        "parallel": Arg("bool", help="Of gather_facts; accepted, all facts are gathered in one pass anyway."),
        "fact_path": Arg("path", "/etc/ansible/facts.d", help="Folder of the host's own facts (`*.fact`)."),
    },
    returns={"ansible_facts": "The facts, each name with the prefix `ansible_`."},
)
EXAMPLES = """
- name: Gather everything
  setup:
- name: Only the network and what is always gathered
  setup:
    gather_subset: [network]
- name: Only what names the distribution
  setup:
    filter: ansible_distribution*
"""


def run(host, args):
    patterns = [pattern for pattern in args["filter"] if pattern]
    subjects = args.get("_subjects")
    if subjects is None:
        subjects = facts.subjects_for(args["gather_subset"], patterns)
    found = facts.gather(host, subjects, args["fact_path"])
    if patterns:
        found = {name: value for name, value in found.items() if any(facts.fits(name, p) for p in patterns)}
    told = {"ansible_" + name: value for name, value in found.items()}
    if not patterns and args.get("_subjects") is None:
        told.update(gather_subset=list(args["gather_subset"]), module_setup=True)
    return {"ansible_facts": told, "changed": False}
