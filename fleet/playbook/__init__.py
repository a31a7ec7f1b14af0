"""YAML playbooks and roles -> a typed model whose templates are not evaluated yet, and its offline checks."""
