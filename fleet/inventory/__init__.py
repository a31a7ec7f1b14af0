"""INI, YAML, folders and scripts become hosts, groups, variables; patterns choose among the hosts."""
