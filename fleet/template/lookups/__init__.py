"""The lookups by name. A new one is a function from ``LookupCall`` to a list, and a line in this table."""

from __future__ import annotations

from fleet.template.lookups import (
    chance,
    commands,
    files,
    filetree,
    lists,
    password,
    sequence,
    tables,
    templates,
    url,
    variables,
)
from fleet.template.lookups.call import Lookup, LookupCall

LOOKUPS: dict[str, Lookup] = {
    "cartesian": lists.cartesian,
    "community.general.cartesian": lists.cartesian,
    "community.general.collection_version": variables.collection_version,
    "community.general.filetree": filetree.filetree,
    "community.general.flattened": lists.flattened,
    "community.general.random_string": chance.random_string,
    "config": variables.config,
    "csvfile": tables.csvfile,
    "dict": lists.as_dict,
    "env": variables.env,
    "file": files.file,
    "fileglob": files.fileglob,
    "filetree": filetree.filetree,
    "first_found": files.first_found,
    "flattened": lists.flattened,
    "indexed_items": lists.indexed_items,
    "ini": tables.ini,
    "inventory_hostnames": variables.inventory_hostnames,
    "items": lists.items,
    "lines": commands.lines,
    "list": lists.as_list,
    "nested": lists.nested,
    "password": password.password,
    "pipe": commands.pipe,
    "random_string": chance.random_string,
    "random_choice": lists.random_choice,
    "sequence": sequence.sequence,
    "subelements": lists.subelements,
    "template": templates.template,
    "together": lists.together,
    "unvault": files.unvault,
    "url": url.url,
    "vars": variables.variables,
    "varnames": variables.varnames,
}

__all__ = ["LOOKUPS", "Lookup", "LookupCall"]
