"""Action plugins that only give one of Ansible's own actions another name: read, not run."""

from __future__ import annotations

import ast

HOME = "ansible.plugins.action."


def another_name(path: str) -> str:
    """The action whose ``ActionModule`` the file ``path`` hands on as it is; "" where it does anything else."""
    try:
        with open(path, encoding="utf-8") as file:
            body = ast.parse(file.read()).body
    except (OSError, ValueError, SyntaxError):
        return ""
    found = ""
    for node in body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(HOME) and not node.level:
            if [(each.name, each.asname or each.name) for each in node.names] != [("ActionModule", "ActionModule")]:
                return ""
            found = str(node.module).removeprefix(HOME)
        elif not _idle(node):
            return ""
    return found


def _idle(node: ast.stmt) -> bool:
    """A statement that changes nothing: a docstring, an import for the future, a name to quieten a linter."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__"
    if isinstance(node, ast.Expr | ast.Assert):
        return isinstance(node.value if isinstance(node, ast.Expr) else node.test, ast.Constant | ast.Name)
    names = (
        [target.id for target in node.targets if isinstance(target, ast.Name)] if isinstance(node, ast.Assign) else []
    )
    return bool(names) and set(names) <= {"__all__", "__metaclass__"}
