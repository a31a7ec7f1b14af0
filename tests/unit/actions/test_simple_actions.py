"""debug, set_fact, set_stats, assert, fail, pause, raw: results as Ansible's, without a host."""

import pytest

from fleet.actions import assert_, debug, fail, pause, raw, set_fact, set_stats
from fleet.actions.base import ActionFailed, Ask, Done, Raw
from fleet.source.nodes import Trusted
from fleet.template.errors import Pending, TemplateError
from fleet.template.plain import OMIT


def play(dialogue, *answers):
    """Run a generator with given answers; its orders and its result."""
    orders, answer, waiting = [], None, list(answers)
    try:
        while True:
            orders.append(dialogue.send(answer))
            answer = waiting.pop(0)
    except StopIteration as end:
        return orders, end.value


def result(order):
    assert isinstance(order, Done)
    return order.result


@pytest.mark.parametrize(
    "var, shown",
    [
        ("foo", {"foo": "abc"}),
        ("box.x", {"box.x": 1}),
        ("1 + 2", {"1 + 2": 3}),
        ("{{ name }}", {"foo": "abc"}),
        (
            "nope",
            {
                "nope": "<< error 1 - 'nope' is undefined >>",
                "warnings": ["Encountered 1 template error.\nerror 1 - 'nope' is undefined"],
            },
        ),
    ],
)
def test_debug_var(make_call, var, shown):
    variables = {"foo": "abc", "box": {"x": 1}, "name": "foo"}
    call = make_call("debug", {}, variables, raw={"var": Trusted(var)})
    assert result(debug.run(call)) == {"changed": False, **shown}


def test_debug_never_evaluates_data(make_call):
    variables = {"output": "lookup('pipe', 'echo broken')"}
    call = make_call("debug", {}, variables, raw={"var": Trusted("{{ output }}")})
    with pytest.raises(ActionFailed, match="from your own files"):
        debug.run(call)


@pytest.mark.parametrize("var", ["foo", Trusted("{{ 'foo' }}"), Trusted("{{ output }}")])
def test_debug_takes_only_expressions_of_the_users_files(make_call, var):
    call = make_call("debug", {}, {"foo": 1, "output": "foo + 1"}, raw={"var": var})
    with pytest.raises(ActionFailed, match="untrusted template or expression"):
        debug.run(call)


def test_debug_var_that_is_no_text_or_omitted(make_call):
    with pytest.raises(ActionFailed, match="is not a string and conversion is not allowed"):
        debug.run(make_call("debug", {}, raw={"var": {"a": 1}}))
    assert (
        result(debug.run(make_call("debug", {}, {"x": OMIT}, raw={"var": Trusted("{{ x }}")})))["msg"] == "Hello world!"
    )
    shown = result(debug.run(make_call("debug", {}, {"x": OMIT}, raw={"var": Trusted("x")})))
    assert shown["x"] == "<<Omit>>" and "could not be omitted" in shown["warnings"][0]


def test_debug_msg_and_verbosity(make_call):
    assert result(debug.run(make_call("debug", {}))) == {"changed": False, "msg": "Hello world!"}
    assert result(debug.run(make_call("debug", {"msg": [1, 2]})))["msg"] == [1, 2]
    quiet = result(debug.run(make_call("debug", {"msg": "x", "verbosity": 2}, verbosity=1)))
    assert quiet["skipped"] and quiet["skipped_reason"] == "Verbosity threshold not met."


def test_set_fact(make_call):
    made = result(set_fact.run(make_call("set_fact", {"a": 1, "b": "yes", "cacheable": False})))
    assert made == {"changed": False, "ansible_facts": {"a": 1, "b": "yes"}}
    assert result(set_fact.run(make_call("set_fact", {"a": 1, "cacheable": True})))["_ansible_facts_cacheable"]
    with pytest.raises(ActionFailed, match="at least one is required"):
        set_fact.run(make_call("set_fact", {"cacheable": True}))
    with pytest.raises(ActionFailed, match="Invalid variable name 'a b'"):
        set_fact.run(make_call("set_fact", {"a b": 1}))


def checked(make_call, that, variables=None, **args):
    return result(assert_.run(make_call("assert", args, variables, raw={"that": that})))


def test_assert_that_holds(make_call):
    shown = {"changed": False, "msg": "All assertions passed"}
    assert checked(make_call, [Trusted("1 == 1"), True]) == {**shown, "_ansible_verbose_always": True}
    assert checked(make_call, True, quiet=True) == shown
    assert checked(make_call, [], success_msg="fine")["msg"] == "fine"


@pytest.mark.parametrize(
    "args, msg", [({}, "Assertion failed"), ({"fail_msg": "bad"}, "bad"), ({"fail_msg": ["a", "b"]}, ["a", "b"])]
)
def test_assert_that_does_not_hold(make_call, args, msg):
    found = checked(make_call, [Trusted("1 == 1"), Trusted("1 == 2"), Trusted("nope")], **args)
    assert found.pop("_ansible_verbose_always")
    assert found == {"changed": False, "failed": True, "assertion": "1 == 2", "evaluated_to": False, "msg": msg}


def test_assert_on_something_undefined_says_what(make_call):
    with pytest.raises(TemplateError, match="Error while evaluating conditional: 'nope' is undefined"):
        checked(make_call, Trusted("nope == 2"))


def test_assert_needs_a_boolean_and_texts(make_call):
    with pytest.raises(TemplateError, match="Conditionals must have a boolean result"):
        checked(make_call, Trusted("foo"), {"foo": "abc"})
    with pytest.raises(ActionFailed, match="Incorrect type for fail_msg"):
        checked(make_call, True, fail_msg={"a": 1})


def test_assert_waits_for_a_value_on_its_way(make_call):
    class Late(dict):
        def get(self, name, default=None):
            if name == "coming":
                raise Pending(name)
            return default

    with pytest.raises(Pending):
        checked(make_call, Trusted("coming == 1"), Late(coming=None))


def test_fail(make_call):
    assert result(fail.run(make_call("fail", {}))) == {
        "changed": False,
        "failed": True,
        "msg": "Failed as requested from task",
    }
    assert result(fail.run(make_call("fail", {"msg": False})))["msg"] is False


def clock(*times):
    left = list(times)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_pause_for_a_time(make_call):
    keys = "(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)"
    orders, told = play(pause.run(make_call("pause", {"seconds": 5}, now=clock(10.0, 15.0))), {})
    assert orders == [Ask(keys, True, 5.0, "Pausing for 5 seconds")]
    assert told["stdout"] == "Paused for 5.0 seconds" and told["delta"] == 5
    orders, told = play(pause.run(make_call("pause", {"minutes": 0.5}, now=clock(0.0, 60.0))), {})
    assert orders[0].seconds == 1.0 and told["stdout"] == "Paused for 1.0 minutes"
    orders, _ = play(pause.run(make_call("pause", {"minutes": "2", "prompt": "Wait"})), {})
    assert orders == [Ask(f"{keys}\nWait:", True, 120.0, "Pausing for 120 seconds")]
    with pytest.raises(ActionFailed, match="argument 'seconds' is of type str and we were unable to convert to int: "):
        next(pause.run(make_call("pause", {"seconds": "soon"})))


def test_pause_asks(make_call):
    answer = {"user_input": "yes", "interrupted": False}
    orders, told = play(pause.run(make_call("pause", {"prompt": "Sure?", "echo": False})), answer)
    assert orders == [Ask("Sure? (output is hidden):", False)] and told["user_input"] == "yes" and told["echo"] is False
    orders, _ = play(pause.run(make_call("pause", {})), answer)
    assert orders == [Ask("Press enter to continue, Ctrl+C to interrupt:")]
    with pytest.raises(ActionFailed, match="user requested abort"):
        play(pause.run(make_call("pause", {})), {"user_input": "", "interrupted": True})


def test_raw(make_call):
    ran = {"rc": 2, "stdout": "a\nb\n", "stderr": ""}
    args = {"_raw_params": "echo 'x'", "executable": "/bin/bash"}
    orders, told = play(raw.run(make_call("raw", args)), ran)
    assert orders == [Raw("/bin/bash -c 'echo '\"'\"'x'\"'\"''")]
    assert told["failed"] and told["changed"] and told["msg"] == "non-zero return code"
    assert told["stdout_lines"] == ["a", "b"]
    assert play(raw.run(make_call("raw", {"_raw_params": "x"}, check=True))) == (
        [],
        {"changed": False, "skipped": True},
    )
    with pytest.raises(ActionFailed, match="no command given"):
        play(raw.run(make_call("raw", {})))


def test_pause_without_somebody_to_ask_goes_on(make_call):
    dialogue = pause.run(make_call("pause", {"prompt": "Go on?"}))
    next(dialogue)
    with pytest.raises(StopIteration) as end:
        dialogue.send({"user_input": "", "unasked": True})
    assert end.value.value["user_input"] == ""
    assert end.value.value["warnings"] == ["Not waiting for response to prompt as stdin is not interactive"]


def test_set_stats_without_data(make_call):
    told = result(set_stats.run(make_call("set_stats", {"per_host": True})))
    assert told == {"changed": False, "ansible_stats": {"data": {}, "per_host": True, "aggregate": True}}
