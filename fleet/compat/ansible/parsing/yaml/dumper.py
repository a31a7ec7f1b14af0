"""Writes YAML."""

from __future__ import annotations

import yaml


class AnsibleDumper(yaml.SafeDumper):
    """Plain YAML; types derived from dict, list and str are written as these."""


AnsibleDumper.add_multi_representer(str, lambda dumper, text: dumper.represent_str(str.__str__(text)))
AnsibleDumper.add_multi_representer(dict, lambda dumper, value: dumper.represent_dict(dict(value)))
AnsibleDumper.add_multi_representer(list, lambda dumper, value: dumper.represent_list(list(value)))
