"""JSON with what modules have in their results."""

import json

from ansible.module_utils.common.text.converters import _jsonable


class AnsibleJSONEncoder(json.JSONEncoder):
    """Writes mappings, sets, dates and bytes too."""

    def __init__(self, preprocess_unsafe=False, vault_to_text=False, **kwargs):
        json.JSONEncoder.__init__(self, **kwargs)

    def default(self, o):
        return _jsonable(o)


def json_dump(structure):
    return json.dumps(structure, cls=AnsibleJSONEncoder, sort_keys=True, indent=4)
