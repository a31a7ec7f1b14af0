"""Facts as variables: with the prefix, and as modules named them."""

from __future__ import annotations

from fleet.engine.state import Facts, Injected


def test_names_without_prefix_are_variables_too() -> None:
    facts = Facts()
    facts.add({"packages": {"a": 1}, "ansible_kernel": "6"})
    injected = Injected(facts)
    assert injected["packages"] == {"a": 1} and "packages" in injected
    assert injected["ansible_kernel"] == "6" and "kernel" not in injected
    assert sorted(injected) == ["ansible_facts", "ansible_kernel", "packages"]
    assert "packages" not in Injected(facts, inject=False)
    facts.clear()
    assert "packages" not in injected


def test_facts_fetched_on_demand_keep_to_the_prefix() -> None:
    facts = Facts()
    facts.add({"kernel": "6"}, {"platform"})
    assert "kernel" not in Injected(facts) and Injected(facts)["ansible_kernel"] == "6"
