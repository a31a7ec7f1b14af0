#!/bin/sh
cat <<'J'
{"web": {"hosts": ["h1", "h2"], "vars": {"t": "{{ 1 + 1 }}", "n": 5}}, "db": ["h3"],
 "par": {"children": ["web", "late"]}, "all": {"vars": {"z": [1]}},
 "_meta": {"hostvars": {"h1": {"inner": ["{{ 4 }}"]}, "nobody": {"a": 1}}}}
J
