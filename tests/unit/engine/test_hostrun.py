"""HostRun: what goes out in one piece, what waits, and where failures lead."""

from __future__ import annotations

import textwrap

import pytest
from engine_kit import CHANGED, FAILED, OK, Game

from fleet.engine.instructions import Perform
from fleet.events import HostActivity

# ---- streaming ahead


def test_a_play_without_dependencies_goes_out_in_one_piece(play):
    game = play("""
        - command: one
        - block:
            - command: two
            - shell: three
          always:
            - command: four
        - command: five
    """).advance()
    assert game.sent == [["one", "two", "three", "four", "five"]]
    assert game.finish().recap == {"ok": 5, "changed": 5}
    assert len(game.sends) == 1


def test_a_task_that_reads_a_result_waits_for_just_that_one(play):
    game = play("""
        - command: one
          register: first
        - command: two
        - command: "three {{ first.stdout }}"
        - command: four
    """).advance()
    assert game.sent == [["one", "two"]]
    game.feed().advance()
    assert game.sent == [["one", "two"], ["three one", "four"]]


@pytest.mark.parametrize(
    "use",
    ["when: first is changed", "when: first.stdout == 'one'", "loop: '{{ first.stdout_lines }}'",
     "environment: {X: '{{ first.rc }}'}", "vars: {x: '{{ first.rc }}'}\n  when: x is defined and x | int == 0",
     "become: '{{ first.rc == 1 }}'", "ignore_errors: '{{ first.rc == 1 }}'", "no_log: '{{ first.rc == 1 }}'"],
)  # fmt: skip
def test_reading_a_result_in_any_keyword_waits(play, use):
    text = "- command: one\n  register: first\n- command: two\n  " + use
    game = play(text).advance()
    assert game.sent == [["one"]]
    assert game.finish().ran == ["one", "two"]


def test_a_variable_that_leads_to_a_result_waits_too(play):
    game = play("""
        vars:
          via: "{{ again }}"
          again: "{{ first.stdout }}"
        tasks:
          - command: one
            register: first
          - command: "two {{ via }}"
    """).advance()
    assert game.sent == [["one"]]
    assert game.finish().ran == ["one", "two one"]


def test_a_skipped_task_costs_no_step_and_its_register_is_known(play):
    game = play("""
        - command: one
          when: false
          register: first
        - command: two
          when: first is skipped
    """).advance()
    assert game.sent == [["two"]]


def test_set_fact_of_known_values_does_not_stop_the_stream(play):
    game = play("""
        - command: one
        - set_fact: {a: 1}
        - command: "two {{ a }}"
        - debug: msg=here
        - command: three
    """).advance()
    assert game.sent == [["one", "two 1", "three"]]
    assert game.finish().state.assigned["a"] == 1


def test_results_are_reported_in_the_order_of_tasks(play):
    game = play("""
        - {name: a, command: one}
        - {name: b, debug: {msg: x}}
        - {name: c, command: two}
    """).advance()
    assert game.story == []
    game.feed().advance()
    assert game.story == ["a: changed", "b: ok"]
    assert game.finish().story[2:] == ["c: changed"]


def test_with_a_limit_of_one_step_tasks_go_out_one_by_one(play):
    game = play("- command: one\n- command: two\n- command: three", limit=1).finish()
    assert game.sent == [["one"], ["two"], ["three"]]


# ---- fences


@pytest.mark.parametrize(
    "fence",
    ["failed_when: false", "until: true", "retries: 1", "delegate_to: h1", "delegate_to: localhost",
     "any_errors_fatal: true", "run_once: true", "throttle: 1"],
)  # fmt: skip
def test_nothing_passes_a_fence_before_it_is_judged(play, fence):
    game = play(f"- command: one\n- command: fence\n  {fence}\n- command: two").advance()
    assert game.sent[0] == ["one"]
    game.feed().advance()
    assert game.sent[1] == ["fence"]
    assert game.finish().ran == ["one", "fence", "two"]


def test_failed_when_alone_decides(play):
    game = play(
        """
        - {name: a, command: one, failed_when: false}
        - {name: b, command: two, register: r, failed_when: r.stdout == 'two'}
        - {name: c, command: three}
        """,
        script={"one": FAILED},
    ).finish()
    assert game.story == ["a: ok", "b: failed"]
    assert game.ran == ["one", "two"]
    assert game.ended == "failed" and game.state.failed


def test_changed_when_is_no_fence(play):
    game = play("- {name: a, command: one, changed_when: false}\n- command: two").advance()
    assert game.sent == [["one", "two"]]
    assert game.finish().story[0] == "a: ok"


def test_until_tries_again_after_a_pause(play):
    game = play(
        "- {name: a, command: one, register: r, until: r.rc == 0, retries: 3, delay: 7}\n- command: two",
        script={"one": [FAILED, FAILED, OK]},
    ).finish()
    assert game.ran == ["one", "one", "one", "two"]
    assert game.retries == [3, 2]
    assert [order.order.seconds for order in game.performed] == [7, 7]
    assert game.result("a").status == "ok" and game.result("a").result["attempts"] == 3


def test_until_gives_up(play):
    game = play(
        "- {name: a, command: one, register: r, until: r.rc == 0, retries: 2, delay: 0}\n- command: two",
        script={"one": FAILED},
    ).finish()
    assert game.ran == ["one"] * 3
    assert game.result("a").status == "failed" and game.result("a").result["attempts"] == 2


def test_until_of_each_item(play):
    game = play(
        "- {name: a, command: 'x {{ item }}', loop: [1, 2], register: r, until: r.rc == 0, delay: 0}",
        script={"x 1": [FAILED, OK], "x 2": [FAILED, FAILED, OK]},
    ).finish()
    assert game.ran == ["x 1", "x 1", "x 2", "x 2", "x 2"]
    assert [item["attempts"] for item in game.result("a").result["results"]] == [2, 3]


# ---- failures


def test_a_failure_drops_what_was_sent_ahead(play):
    game = play("- {name: a, command: one}\n- {name: b, command: fail}\n- {name: c, command: two}").advance()
    assert game.sent == [["one", "fail", "two"]]
    game.finish()
    assert game.ran == ["one", "fail"]
    assert game.story == ["a: changed", "b: failed"]
    assert game.left == ["failed"] and game.recap == {"ok": 1, "changed": 1, "failed": 1}


def test_ignore_errors_lets_the_stream_go_on(play):
    game = play("""
        - {name: a, command: fail, ignore_errors: true}
        - {name: b, command: two}
    """).advance()
    assert game.sent == [["fail", "two"]]
    assert game.finish().story == ["a: failed ignored", "b: changed"]
    assert game.recap == {"ok": 2, "changed": 1, "ignored": 1}


def test_a_task_that_cannot_be_rendered_fails_in_its_turn(play):
    game = play("- {name: a, command: one}\n- {name: b, command: '{{ nobody }}'}\n- {name: c, command: two}").finish()
    assert game.story == ["a: changed", "b: failed"]
    assert "'nobody' is undefined" in game.result("b").result["msg"]
    assert game.ran == ["one"]


BLOCK = """
    - block:
        - {name: a, command: "%s"}
        - {name: b, command: two}
      rescue:
        - {name: r, command: "%s"}
        - {name: s, debug: {msg: "{{ ansible_failed_task.name }} {{ ansible_failed_result.rc }}"}}
      always:
        - {name: z, command: "%s"}
    - {name: after, command: five}
"""


@pytest.mark.parametrize(
    ("words", "story"),
    [
        (("one", "r", "z"), ["a: changed", "b: changed", "z: changed", "after: changed"]),
        (("fail", "r", "z"), ["a: failed rescued", "r: changed", "s: ok", "z: changed", "after: changed"]),
        (("fail", "fail2", "z"), ["a: failed rescued", "r: failed", "z: changed"]),
        (("fail", "r", "fail3"), ["a: failed rescued", "r: changed", "s: ok", "z: failed"]),
        (("one", "r", "fail3"), ["a: changed", "b: changed", "z: failed"]),
    ],
)
def test_block_rescue_always(play, words, story):
    game = play(BLOCK % words).finish()
    assert game.story == story
    assert game.ended == ("done" if story[-1].startswith("after") else "failed")


def test_a_rescue_reads_what_failed(play):
    game = play(BLOCK % ("fail", "r", "z")).finish()
    assert game.result("s").result["msg"] == "a 1"


def test_failures_pass_nested_blocks_outwards(play):
    game = play("""
        - block:
            - block:
                - {name: a, command: fail}
              always:
                - {name: b, command: inner always}
            - {name: never, command: never}
          rescue:
            - {name: c, command: rescue}
        - {name: d, command: after}
    """).finish()
    assert game.story == ["a: failed rescued", "b: changed", "c: changed", "d: changed"]
    assert game.recap == {"ok": 3, "changed": 3, "rescued": 1}


def test_an_always_section_on_the_way_out_is_followed_by_leaving(play):
    game = play("""
        - block:
            - {name: a, command: fail}
          always:
            - {name: b, command: x}
            - {name: c, command: y}
        - {name: never, command: never}
    """).finish()
    assert game.story == ["a: failed", "b: changed", "c: changed"]
    assert game.ended == "failed" and "never" not in game.ran


# ---- handlers


def test_handlers_run_once_in_the_order_they_are_defined(play):
    game = play("""
        tasks:
          - {command: one, notify: [second, first]}
          - {command: two, notify: second}
          - {command: three, changed_when: false, notify: third}
        handlers:
          - {name: first, command: h1}
          - {name: second, command: h2}
          - {name: third, command: h3}
    """).finish()
    assert game.ran == ["one", "two", "three", "h1", "h2"]
    assert game.notified == [("second", "first"), ("second",)]
    assert [event.task.kind for event in game.results] == ["task"] * 3 + ["handler"] * 2


def test_a_play_with_notifications_flushes_between_sections(play):
    game = play("""
        pre_tasks: [{command: pre, notify: h}]
        tasks: [{command: task, notify: h}]
        post_tasks: [{command: post}]
        handlers: [{name: h, command: handler}]
    """).finish()
    assert game.ran == ["pre", "handler", "task", "handler", "post"]


def test_flush_handlers_runs_them_at_once_and_only_then(play):
    game = play("""
        tasks:
          - {command: one, notify: h}
          - meta: flush_handlers
          - command: two
        handlers:
          - {name: h, command: handler}
    """).finish()
    assert game.ran == ["one", "handler", "two"]


def test_nothing_notified_means_no_stop_at_a_flush(play):
    game = play("""
        tasks:
          - command: one
          - meta: flush_handlers
          - command: two
        handlers:
          - {name: h, command: handler}
    """).advance()
    assert game.sent == [["one", "two"]]


def test_listen_calls_all_that_listen(play):
    game = play("""
        tasks:
          - {command: one, notify: topic}
        handlers:
          - {name: b, command: hb, listen: topic}
          - {name: a, command: ha, listen: [other, topic]}
          - {name: c, command: hc, listen: other}
    """).finish()
    assert game.ran == ["one", "hb", "ha"]


def test_of_handlers_of_one_name_in_a_play_the_first_defined_runs(play):
    game = play("""
        tasks: [{command: one, notify: h}]
        handlers:
          - {name: h, command: early}
          - {name: h, command: late}
    """).finish()
    assert game.ran == ["one", "early"]


def test_a_handler_notified_by_a_handler_runs_as_well(play):
    game = play("""
        tasks: [{command: one, notify: b}]
        handlers:
          - {name: a, command: ha}
          - {name: b, command: hb, notify: c}
          - {name: c, command: hc}
    """).finish()
    assert game.ran == ["one", "hb", "hc"]


def test_after_a_failure_handlers_run_only_when_forced(play):
    text = """
        {force}
        tasks:
          - {{command: one, notify: h}}
          - command: fail
        handlers:
          - {{name: h, command: handler}}
    """
    assert play(text.format(force="")).finish().ran == ["one", "fail"]
    forced = play(text.format(force="force_handlers: true")).finish()
    assert forced.ran == ["one", "fail", "handler"]
    assert forced.ended == "failed"
    assert play(text.format(force=""), force_handlers=True).finish().ran == ["one", "fail", "handler"]


def test_handlers_behind_one_that_failed_stay_notified(play):
    text = """
        {force}
        tasks:
          - {{command: one, notify: [a, b, c]}}
          - block: [{{meta: flush_handlers}}]
            {rescue}
          - command: two
        handlers:
          - {{name: a, command: ha}}
          - {{name: b, command: fail}}
          - {{name: c, command: hc}}
    """
    rescued = play(text.format(force="", rescue="rescue: [{command: rescue}]")).finish()
    assert rescued.ran == ["one", "ha", "fail", "rescue", "two", "hc"]
    forced = play(text.format(force="force_handlers: true", rescue="")).finish()
    assert forced.ran == ["one", "ha", "fail", "hc"]
    assert play(text.format(force="", rescue="")).finish().ran == ["one", "ha", "fail"]
    at_the_end = text.replace("meta: flush_handlers", "command: one").format(force="force_handlers: true", rescue="")
    assert play(at_the_end).finish().ran == ["one", "one", "two", "ha", "fail"]


@pytest.mark.parametrize("name", ["nobody", "{{ 'no' }}body", "r : nobody"])
def test_a_missing_handler_ends_the_run_or_warns(play, name):
    text = f"""
        - block:
            - {{name: a, command: one, notify: "{name}"}}
            - command: two
          rescue:
            - command: three
    """
    game = play(text).advance()
    # Nothing is sent behind it, since it would run.
    assert game.sent == [["one"]]
    game.finish()
    assert game.ran == ["one"] and game.recap == {"ok": 1, "changed": 1}
    (error,) = game.stops
    assert (error.code, error.at.line) == (1, 4) and error.what.startswith("The requested handler '")
    game = play(text, missing_handler_fatal=False).finish()
    assert game.ended == "done" and game.ran == ["one", "two"] and not game.stops


def test_a_task_that_changes_nothing_misses_no_handler(play):
    game = play("- {command: one, notify: nobody}\n- command: two", script={"one": OK}).finish()
    assert game.ended == "done" and game.ran == ["one", "two"] and not game.stops


def test_notifying_known_handlers_keeps_the_stream_whole(play):
    game = play("""
        vars: {what: two}
        tasks:
          - {command: a, notify: one}
          - {command: b, notify: "handler {{ what }}"}
          - {command: c, notify: topic}
        handlers:
          - {name: one, command: h1}
          - {name: "handler {{ what }}", command: h2, listen: topic}
    """).advance()
    assert game.sent == [["a", "b", "c"]]
    assert game.finish().ran == ["a", "b", "c", "h1", "h2"]


def test_a_handler_notified_by_a_later_one_runs_at_the_end_of_the_play(play):
    game = play("""
        tasks:
          - {command: a, notify: second}
        handlers:
          - {name: first, command: h1}
          - {name: second, command: h2, notify: first}
    """).finish()
    assert game.ran == ["a", "h2", "h1"]


def test_flush_handlers_as_a_handler_ends_the_run_once_it_is_notified(play):
    text = """
        tasks:
          - {command: a, notify: h}
        handlers:
          - {name: h, meta: flush_handlers}
    """
    (error,) = play(text).finish().stops
    assert error.what == "flush_handlers cannot be used as a handler" and error.code == 1
    game = play(text, script={"a": OK}).finish()
    assert game.ended == "done" and not game.stops


def test_meta_tasks_have_a_banner_and_implicit_flushes_none(play):
    game = play("""
        - {command: a, notify: h}
        - meta: flush_handlers
        - {name: done, meta: noop}
    """, missing_handler_fatal=False).finish()  # fmt: skip
    shown = [event.task.name for event in game.events if isinstance(event, HostActivity) and event.task]
    assert shown == ["command", "meta", "done"]


# ---- includes that cannot be read


def test_a_file_of_tasks_with_a_mistake_ends_the_run(play, tmp_path):
    (tmp_path / "bad.yml").write_text("- {command: x, loop: [1], nosuch: 1}\n")
    game = play("""
        - command: one
        - block:
            - include_tasks: bad.yml
          rescue:
            - command: two
    """).finish()
    (error,) = game.stops
    assert game.ran == ["one"] and error.code == 4 and "'nosuch' is not a valid attribute" in str(error)


def test_an_import_in_an_included_file_that_is_not_there_fails_the_host(play, tmp_path):
    (tmp_path / "inner.yml").write_text("- import_tasks: nosuch.yml\n")
    game = play("""
        - block:
            - include_tasks: inner.yml
          rescue:
            - command: two
    """).finish()
    assert game.ran == ["two"] and not game.stops
    reason = f"Could not find or access '{tmp_path}/nosuch.yml' on the Ansible Controller."
    assert (game.results[0].result["include"], game.results[0].result["reason"]) == ("nosuch.yml", reason)


def test_a_skipped_include_does_not_evaluate_its_loop(play):
    text = "- {{include_tasks: any.yml, loop: '{{{{ nosuch }}}}', when: {}, register: r}}\n- command: 'x {{{{ r is skipped }}}}'"
    game = play(text.format("false")).finish()
    assert game.ran == ["x True"] and game.recap["skipped"] == 1
    game = play(text.format("true")).finish()
    assert game.ended == "failed" and "'nosuch' is undefined" in game.results[0].result["msg"]


# ---- loops


def test_the_items_of_a_loop_go_out_together(play):
    game = play(
        "- {name: a, command: 'x {{ item }}', loop: [1, 2, 3], register: r}\n- command: 'last {{ r.results | length }}'"
    ).advance()
    assert game.sent == [["x 1", "x 2", "x 3"]]
    game.feed().advance()
    assert game.items == [(1, "changed")]
    assert game.finish().ran[-1] == "last 3"
    assert game.items == [(1, "changed"), (2, "changed"), (3, "changed")]


def test_a_failed_item_does_not_stop_the_others_but_what_follows(play):
    game = play("- {name: a, command: '{{ item }}', loop: [x, fail, y]}\n- {name: b, command: two}").finish()
    assert game.ran == ["x", "fail", "y"]
    assert game.items == [("x", "changed"), ("fail", "failed"), ("y", "changed")]
    assert game.result("a").result["msg"] == "One or more items failed"


def test_conditions_are_judged_for_each_item(play):
    game = play("- {name: a, command: 'x {{ item }}', loop: [1, 2, 3], when: item != 2}").finish()
    assert game.ran == ["x 1", "x 3"]
    assert [status for _, status in game.items] == ["changed", "skipped", "changed"]
    assert game.result("a").status == "changed"


def test_an_empty_loop_is_skipped(play):
    game = play("- {name: a, command: x, loop: [], register: r}\n- command: 'n{{ r.results | length }}'").finish()
    assert game.story[0] == "a: skipped" and game.ran == ["n0"]


def test_loop_control_names_labels_and_pauses(play):
    game = play("""
        - name: a
          command: "x {{ it }} {{ n }} {{ ansible_loop.last }}"
          loop: [p, q]
          loop_control: {loop_var: it, index_var: n, label: "<{{ it }}>", pause: 3, extended: true}
    """).finish()
    assert game.ran == ["x p 0 False", "x q 1 True"]
    assert [label for label, _ in game.items] == ["<p>", "<q>"]
    assert [order.order.seconds for order in game.performed] == [3]


def test_set_fact_in_a_loop_builds_on_itself(play):
    game = play("""
        vars: {all: []}
        tasks:
          - set_fact: {all: "{{ all + [item] }}"}
            loop: [1, 2, 3]
          - command: "{{ all | join('-') }}"
    """).finish()
    assert game.ran == ["1-2-3"]


# ---- facts on demand


def test_facts_are_fetched_when_they_are_read(play):
    game = play(
        "gather_facts: true\nvars: {name: vars, which: \"{{ 'ansible_' ~ 'kernel' }}\"}\ntasks:\n  - command: one\n  - command: 'x {{ lookup(name, which) }}'",
        script={"setup": {"kernel": "6.1"}},
    ).finish()
    assert game.ran == ["setup", "one", "setup", "x 6.1"]
    assert game.results[0].task.name == "Gathering Facts"


def test_facts_the_play_reads_are_fetched_with_the_first_step(play):
    game = play(
        "gather_facts: true\ntasks:\n  - command: 'x {{ ansible_kernel }}'\n  - command: 'y {{ ansible_facts.kernel }}'",
        script={"setup": {"kernel": "6.1"}},
    ).finish()
    assert game.ran == ["setup", "x 6.1", "y 6.1"]


def test_a_play_that_reads_no_facts_goes_out_in_one_piece(play):
    game = play("gather_facts: true\ntasks: [{command: one}, {command: two}]").advance()
    assert game.sent == [["setup", "one", "two"]]


# ---- includes and roles


def write(folder, **files):
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


def test_included_tasks_stream_with_the_rest(play, tmp_path):
    write(tmp_path, more="- command: 'more {{ x }}'\n")
    game = play("- command: one\n- {include_tasks: more.yml, vars: {x: 7}}\n- command: two").advance()
    assert game.sent == [["one", "more 7", "two"]]
    assert game.finish().included == [("more.yml", None)]
    assert game.recap == {"ok": 4, "changed": 3}


def test_an_include_in_a_loop(play, tmp_path):
    write(tmp_path, more="- command: 'more {{ item }}'\n")
    game = play("- {include_tasks: more.yml, loop: [a, b]}").finish()
    assert game.ran == ["more a", "more b"]
    assert game.included == [("more.yml", "a"), ("more.yml", "b")]


def test_a_skipped_include_and_a_missing_one(play, tmp_path):
    write(tmp_path, more="- command: more\n")
    game = play("- {name: i, include_tasks: more.yml, when: false}\n- command: two").finish()
    assert game.story[0] == "i: skipped" and game.ran == ["two"]
    game = play(
        "- {name: i, include_tasks: '{{ n }}.yml', vars: {n: none}, ignore_errors: true}\n- command: two"
    ).finish()
    assert game.story == ["i: failed"] and game.ended == "failed"


def test_a_role_runs_once_for_equal_parameters(play, tmp_path):
    write(tmp_path, roles__r__tasks__main="- command: 'r {{ x | default(0) }}'\n")
    game = play("roles: [r, r, {role: r, x: 1}, {role: r, x: 1}]").finish()
    assert game.ran == ["r 0", "r 1"]
    write(tmp_path, roles__r__meta__main="allow_duplicates: true\n")
    assert play("roles: [r, r]").finish().ran == ["r 0", "r 0"]


def test_a_dependency_runs_once_and_before(play, tmp_path):
    write(
        tmp_path,
        roles__base__tasks__main="- command: base\n",
        roles__a__tasks__main="- command: a\n",
        roles__a__meta__main="dependencies: [base]\n",
        roles__b__tasks__main="- command: b\n",
        roles__b__meta__main="dependencies: [base]\n",
    )
    game = play("roles: [a, b]").finish()
    assert game.ran == ["base", "a", "b"]
    assert [event.task.role for event in game.results] == ["base", "a", "b"]


def test_include_role_brings_variables_and_handlers(play, tmp_path):
    write(
        tmp_path,
        roles__r__tasks__main="- {command: 'r {{ d }} {{ p }}', notify: h}\n",
        roles__r__defaults__main="d: default\n",
        roles__r__handlers__main="- {name: h, command: handler}\n",
    )
    game = play("- {include_role: {name: r}, vars: {p: 5}}\n- command: two").finish()
    assert game.ran == ["r default 5", "two", "handler"]


# ---- steering


def test_end_host_and_end_role(play, tmp_path):
    game = play("- command: one\n- {meta: end_host, when: x is not defined}\n- command: two").finish()
    assert game.ran == ["one"] and game.left == ["ended"]
    write(tmp_path, roles__r__tasks__main="- command: r1\n- meta: end_role\n- command: r2\n")
    assert play("roles: [r]\ntasks: [{command: t}]").finish().ran == ["r1", "t"]


def test_no_log_hides_results_from_events_but_not_from_the_play(play):
    game = play(
        "- {name: a, command: secret, no_log: true, register: r}\n- {name: b, command: 'x {{ r.stdout }}'}"
    ).finish()
    assert game.ran == ["secret", "x secret"]
    assert "secret" not in str(game.result("a").result) + str(game.result("a").task.args)


def test_check_mode_marks_steps_but_not_those_that_opt_out(play):
    game = play("- command: one\n- {command: two, check_mode: false}", check=True).advance()
    assert [step.get("check", False) for send in game.sends for step in send.steps] == [True, False]
    game = play("- {command: one, check_mode: true}\n- command: two").advance()
    assert [step.get("check", False) for send in game.sends for step in send.steps] == [True, False]


def test_what_one_task_alone_pretends_excuses_no_other(play):
    game = play("- {command: one, check_mode: true}").advance()
    assert game.sends[0].steps[0]["alone"]
    game = play("- command: one", check=True).advance()
    assert "alone" not in game.sends[0].steps[0]


def test_an_omitted_keyword_is_that_of_what_the_task_stands_in(play):
    game = play("""
        become: true
        become_user: bob
        tasks:
          - {command: one, become: "{{ omit }}"}
          - {command: two, become_user: "{{ omit }}"}
          - {command: three, become: "{{ false }}"}
    """)
    game.finish()
    users = [send.reach.identity.user for send in game.sends for _ in send.steps]
    assert users == ["bob", "bob", ""]


def test_whom_to_become_matters_only_where_a_task_runs(play):
    game = play("- {command: one, become: true, become_user: '{{ nope }}', when: false}\n- command: two").finish()
    assert game.ran == ["two"] and game.recap == {"ok": 1, "changed": 1, "skipped": 1}
    game = play("- {command: one, become: true, become_user: '{{ nope }}'}").finish()
    assert game.recap["failed"] == 1


def test_defaults_of_the_module_behind(play):
    game = play("""
        - service:
          module_defaults: {systemd: {name: app, enabled: true}, sysvinit: {name: other}}
        - service: {name: mine}
          module_defaults: {systemd: {name: app, enabled: true}}
        - package: {name: tool}
          vars: {ansible_package_use: lola}
    """).advance()
    args = [step["args"] for send in game.sends for step in send.steps]
    assert args == [
        {"name": "app", "enabled": True},
        {"name": "mine", "enabled": True},
        {"name": "tool", "use": "lola"},
    ]


@pytest.mark.parametrize("value", ["{{ none }}", "{{ '' }}"])
def test_a_delegate_that_comes_to_nothing_is_a_failure(play, value):
    game = play(f'- {{name: a, command: one, delegate_to: "{value}", when: false}}\n').finish()
    assert game.recap["failed"] == 1 and "Empty hostname produced from delegate_to" in game.result("a").result["msg"]
    assert play("- {command: one, delegate_to: '{{ omit }}'}").finish().ran == ["one"]


def test_an_unknown_connection_matters_only_where_one_is_needed(play):
    game = play("""
        vars: {ansible_connection: winrm}
        tasks:
          - {name: a, command: one, ignore_errors: true, register: r}
          - {assert: {that: r is failed}}
          - {set_fact: {x: 1}}
          - {name: b, command: "two {{ x }}", vars: {ansible_connection: ssh}}
    """).finish()
    assert "connection 'winrm' of h1 is not one fleet has" in game.result("a").result["msg"]
    assert game.ran == ["two 1"] and game.ended == "done"


def test_a_delegate_outside_the_inventory_has_the_variables_of_all(play):
    game = play(
        "- {command: 'x {{ inventory_hostname }}', delegate_to: 192.0.2.7}",
        hosts="[web]\nh1\n[all:vars]\nansible_user=bob\n[web:vars]\nansible_port=7\n",
    ).advance()
    target = game.sends[0].reach.target
    assert (target.name, target.user, target.port) == ("192.0.2.7", "bob", None)


def test_another_identity_is_another_stream(play):
    game = play("- command: one\n- {command: two, become: true, become_user: bob}\n- command: three").advance()
    assert game.sent == [["one"]]
    game.finish()
    assert game.sent == [["one"], ["two"], ["three"]]
    assert [send.reach.identity.user for send in game.sends][1] == "bob"


# ---- other hosts


def test_run_once_waits_and_one_leads(play):
    game = play(
        "- command: zero\n- {name: a, command: one, run_once: true, register: r}\n- command: 'two {{ r.stdout }}'",
        hosts="h1,h2",
    ).advance()
    assert game.sent == [["zero"]] and game.awaited == []
    game.feed().advance()
    assert [wish.kind for wish in game.awaited] == ["once"]
    game.run.release(leads=True)
    game.advance().feed().advance()
    assert [item.outcome[0]["stdout"] for item in game.published] == ["one"]
    assert game.finish().ran == ["zero", "one", "two one"]


def test_run_once_followers_take_the_leaders_result(play):
    game = play(
        "- {name: a, command: one, run_once: true, register: r}\n- command: 'two {{ r.stdout }}'", hosts="h1,h2"
    ).advance()
    game.run.release(leads=False)
    game.advance()
    assert [wish.kind for wish in game.awaited] == ["once", "shared"]
    game.run.release(shared=({"changed": True, "stdout": "led"}, False))
    assert game.advance().sent == [["two led"]]


def test_a_failed_leader_ends_the_play_of_followers(play):
    game = play("- {command: one, run_once: true}\n- command: two", hosts="h1,h2").advance()
    game.run.release(leads=False)
    game.advance()
    game.run.release(shared=({"failed": True}, True))
    assert game.advance().ended == "aborted" and game.sent == []


def test_hostvars_of_others_wait_for_the_order(play):
    game = play("- command: one\n- command: \"two {{ hostvars['h2'].x | default('-') }}\"", hosts="h1,h2").advance()
    assert game.sent == [["one"]]
    game.feed().advance()
    assert [wish.kind for wish in game.awaited] == ["order"]
    game.play.world.state("h2").assigned["x"] = 5
    game.run.release()
    assert game.advance().sent[-1] == ["two 5"]


def test_delegation_runs_elsewhere_and_registers_here(play):
    game = play(
        "- {name: a, command: 'for {{ inventory_hostname }}', delegate_to: h2, register: r}\n- command: 'x {{ r.stdout }}'",
        hosts="h1,h2",
    )
    game.finish()
    assert [send.reach.target.name for send in game.sends] == ["h2", "h1"]
    assert game.ran == ["for h1", "x for h1"]
    assert game.result("a").delegated == "h2"


def test_facts_of_a_delegated_task_need_no_gathered_ones(tmp_path):
    # How long a scope is takes all its names, and those of promised facts are not known yet.
    text = """
        - hosts: h1
          tasks:
            - set_fact: {x: 1}
              delegate_to: h2
            - command: 'x {{ x }}'
    """
    game = Game(tmp_path, text, script={"setup": {}}, hosts="h1,h2", gathering="implicit").finish()
    assert game.ran[-1] == "x 1"


def test_synchronize_delegated_to_the_controller_goes_to_the_host(play, tmp_path):
    (tmp_path / "f").write_text("")
    task = f"- synchronize: {{src: {tmp_path}/f, dest: /x}}\n  delegate_to: localhost"
    game = play(task, hosts="h1,h2").advance()
    assert [send.reach.target.name for send in game.sends] == ["h1"]


def test_any_errors_fatal_asks_for_the_fate_of_all(play):
    game = play("any_errors_fatal: true\ntasks:\n  - command: one\n  - command: two", hosts="h1,h2").advance()
    game.feed().advance()
    assert [(wish.kind, wish.failed) for wish in game.awaited] == [("fate", False)]
    game.run.release(abort=True)
    assert game.advance().ended == "aborted" and game.ran == ["one"]


# ---- trouble


def test_a_lost_connection_makes_the_oldest_task_unreachable(play):
    game = (
        play("- {name: a, command: one}\n- {name: b, command: two}\n- {name: c, command: three}")
        .advance()
        .feed()
        .advance()
    )
    game.run.lost("gone")
    game.advance()
    assert game.story == ["a: changed", "b: unreachable"]
    assert game.left == ["unreachable"] and game.state.unreachable


def test_ignore_unreachable_goes_on_with_the_next_task(play):
    game = play("- {name: a, command: one, ignore_unreachable: true}\n- {name: b, command: two}").advance()
    game.queue.steps.clear()
    game.run.lost("gone")
    game.advance()
    assert game.story == ["a: unreachable ignored"]
    assert game.finish().story[-1] == "b: changed"


def test_unreachable_is_not_rescued(play):
    game = play(
        "- block:\n    - {name: a, command: one}\n  rescue:\n    - command: r\n  always:\n    - command: z"
    ).advance()
    game.run.lost("gone")
    assert game.advance().story == ["a: unreachable"]
    assert game.ended == "unreachable"


def test_an_interrupt_lets_the_running_step_end_and_sends_nothing_more(play):
    game = play("- {name: a, command: one}\n- {name: b, command: two}\n- {name: c, command: three}").advance()
    game.run.interrupt()
    game.advance()
    assert game.drops == [0] and game.ended == ""
    game.run.dropped(game.sends[0].steps[0]["id"])
    game.run.done(game.sends[0].steps[0]["id"], dict(CHANGED))
    game.advance()
    assert game.story == ["a: changed"] and game.left == ["interrupted"]


def test_an_interrupt_between_steps_ends_at_once(play):
    game = play("- {name: a, command: one}\n- {name: b, command: two}").advance()
    game.run.interrupt()
    game.advance()
    game.run.dropped(None)
    assert game.advance().left == ["interrupted"] and game.story == []


def test_a_dialogue_asks_the_worker_and_goes_on(play):
    game = play("- {name: a, pause: {seconds: 5}}\n- command: two").advance()
    assert game.sent == [] and isinstance(game.run.waiting, Perform)
    game.run.performed({"user_input": "", "interrupted": False})
    assert game.advance().sent == [["two"]]


def test_where_a_task_runs_follows_variables_that_are_templates(tmp_path):
    text = """
        - hosts: all
          vars: {ansible_user: "{{ login | default('first') }}"}
          tasks:
            - command: a
            - command: b
              vars: {login: second}
            - command: c
            - set_fact: {login: third}
            - command: d
    """
    game = Game(tmp_path, textwrap.dedent(text))
    game.finish()
    users = [send.reach.target.user for send in game.sends for _ in send.steps]
    assert users == ["first", "second", "first", "third"]


def test_throttle_waits_for_a_slot_each_time(tmp_path):
    text = """
        - command: a
          loop: [1, 2]
          throttle: "{{ 1 + 1 }}"
        - command: b
    """
    game = Game(tmp_path, textwrap.dedent(text), hosts="h1,h2").advance()
    (wish,) = game.awaited
    assert (wish.kind, wish.limit, game.sent) == ("slot", 2, [])
    game.run.release()
    game.advance().feed(2).advance()
    assert game.sent == [["a", "a"], ["b"]]


@pytest.mark.parametrize(
    ("value", "why"),
    [("{{ 'nope' }}", "invalid literal for int() with base 10: 'nope'"), ("{{ nope }}", "'nope' is undefined")],
)
@pytest.mark.parametrize("hosts", ["h1", "h1,h2"])
def test_a_throttle_that_is_no_number_ends_the_run(tmp_path, hosts, value, why):
    text = f'- command: one\n- command: a\n  throttle: "{value}"\n  ignore_errors: true\n'
    game = Game(tmp_path, text, hosts=hosts).finish()
    (error,) = game.stops
    assert game.ran == ["one"] and error.code == 1
    assert f"Failed to convert the throttle value to an integer: {why}" in error.what


# ---- the inventory read again


def test_refresh_inventory_reads_the_sources_again_and_keeps_what_was_added(tmp_path):
    from fleet.inventory.load import load
    from fleet.source.diagnostics import Diagnostics

    text = """
        - add_host: {name: added, groups: [grown], color: red}
        - group_by: {key: "kind_{{ kind }}"}
        - meta: refresh_inventory
        - command: "{{ groups.all | join(',') }} {{ groups.grown | join }} {{ groups.kind_x | join }} {{ kind }}"
        - command: "{{ hostvars.added.color }}"
    """
    game = Game(tmp_path, textwrap.dedent(text), hosts="[all]\nh1 kind=x\nh2 kind=x\n", host="h1")
    game.play.batch = ("h1",)
    changed = tmp_path / "changed.ini"
    changed.write_text("[all]\nh1 kind=y\nh3\n")
    game.world.reread = lambda: load([str(changed)], playbook_dirs=[str(tmp_path)], problems=Diagnostics())
    game.advance()
    assert game.awaited[-1].kind == "refresh"
    game.world.refresh((1,))
    game.world.refresh((1,))
    game.run.release()
    game.finish()
    assert game.ran == ["h1,h3,added added h1 y", "red"]


def test_a_host_that_is_no_more_in_the_inventory_ends_the_play_it_is_in(tmp_path):
    from fleet.inventory.load import load
    from fleet.source.diagnostics import Diagnostics

    text = "- meta: refresh_inventory\n- command: '{{ kind }} {{ groups.all | join }}'\n"
    game = Game(tmp_path, text, hosts="[all]\nh1 kind=x\n")
    changed = tmp_path / "changed.ini"
    changed.write_text("[all]\nh3\n")
    game.world.reread = lambda: load([str(changed)], playbook_dirs=[str(tmp_path)], problems=Diagnostics())
    game.advance()
    game.world.refresh((1,))
    game.run.release()
    game.finish()
    assert game.ran == ["x h3"]


def test_an_inventory_that_cannot_be_read_again_fails_the_task(tmp_path):
    game = Game(tmp_path, "- meta: refresh_inventory\n- command: a\n").advance()
    game.run.release(shared="there is no such file")
    game.finish()
    assert game.ran == []
    assert game.results[0].result["msg"] == "there is no such file"


def test_meta_under_run_once_leaves_nobody_waiting(tmp_path):
    text = """
        - run_once: true
          block:
            - meta: noop
            - meta: refresh_inventory
        - command: a
    """
    game = Game(tmp_path, textwrap.dedent(text), hosts="h1,h2", host="h2").advance()
    for kind in ("order", "refresh"):
        assert game.awaited[-1].kind == kind
        game.run.release()
        game.advance()
    game.finish()
    assert game.ran == ["a"]


def test_handlers_run_in_the_order_roles_play_imported_roles(tmp_path):
    for role in ("used", "brought"):
        for kind, text in (
            ("tasks", f"- command: {role}\n  notify: [{role} handler, all of them]\n"),
            ("handlers", f"- name: {role} handler\n  command: h-{role}\n- name: same\n  command: same-{role}\n"),
        ):
            path = tmp_path / "roles" / role / kind / "main.yml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    text = """
        - hosts: all
          pre_tasks: [{import_role: {name: brought}}]
          roles: [used]
          tasks: [{command: a, notify: same}]
          handlers:
            - {name: own, command: h-own, listen: all of them}
            - {name: same, command: same-own}
    """
    game = Game(tmp_path, textwrap.dedent(text))
    game.finish()
    assert game.ran == ["brought", "h-own", "h-brought", "used", "a", "h-used", "h-own", "same-brought"]


def test_handlers_notified_by_a_handler_take_their_place_or_wait_for_the_next_flush(play):
    game = play("""
        tasks: [{command: one, notify: [b, d]}]
        post_tasks: [{command: two}]
        handlers:
          - {name: a, command: ha}
          - {name: b, command: hb, notify: [a, b, c]}
          - {name: c, command: hc}
          - {name: d, command: fail hd}
    """).finish()
    assert game.ran == ["one", "hb", "hc", "fail hd"]
    game = play("""
        tasks: [{command: one, notify: b}]
        post_tasks: [{command: two}]
        handlers:
          - {name: a, command: ha}
          - {name: b, command: hb, notify: a}
    """).finish()
    assert game.ran == ["one", "hb", "two", "ha"]


def test_an_item_sees_what_the_one_before_it_came_to(play):
    game = play("""
        - command: "{{ r.stdout | default('none') }} {{ item }}"
          loop: [p, q, s]
          register: r
        - command: "{{ r.results | length }}"
    """).finish()
    assert game.ran == ["none p", "none p q", "none p q s", "3"]


def test_no_playbook_sees_what_an_action_says_about_its_display(play):
    game = play("""
        - assert: {that: [1 == 1]}
          register: one
        - assert: {that: [1 == 1]}
          loop: [1]
          register: many
        - command: "{{ (one | string) ~ many }}"
    """).finish()
    assert "assertions passed" in game.ran[0] and "_ansible_verbose_always" not in game.ran[0]


def test_a_task_knows_whether_it_runs_in_check_mode(play):
    game = play("""
        - command: one
        - command: two
          check_mode: true
        - block:
            - command: three
            - debug:
              check_mode: "{{ 1 == 2 }}"
          check_mode: true
    """).finish()
    assert [event.task.check for event in game.results] == [False, True, True, False]


def test_debug_sets_no_facts(play):
    game = play("""
        - set_fact: {ansible_facts: {inner: 1}}
        - debug: {var: ansible_facts}
        - command: "{{ inner | default('unset') }}"
    """).finish()
    assert game.ran == ["unset"]


def test_args_that_are_no_mapping_fail_the_task(play):
    game = play("""
        - command:
          args: "{{ 'text' }}"
          ignore_errors: true
          register: bad
        - command:
          args: "{{ omit }}"
          ignore_errors: true
        - command: "{{ bad.msg }}"
    """).finish()
    assert game.ran[-1].startswith(
        "Task failed: Finalization of task args for 'command' failed: args must be a mapping"
    )
