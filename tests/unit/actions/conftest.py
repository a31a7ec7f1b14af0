"""A call of an action as the engine makes it, without engine."""

import pytest

from fleet.actions.base import Call
from fleet.template.scope import Scope
from fleet.template.templar import Templar


@pytest.fixture
def make_call(tmp_path):
    def make(module, args, variables=None, search_path=None, **more):
        templar = Templar()
        path = tuple(search_path or (str(tmp_path),))
        scope = Scope([variables or {}], templar, path)
        return Call(module, args, scope, templar, "h1", search_path=path, **more)

    return make
