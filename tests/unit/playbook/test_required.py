"""What is said about roles and collections that are not installed."""

from __future__ import annotations

from fleet.playbook.required import missing_hint, wanted


def test_names_in_both_forms_of_requirements(tmp_path):
    path = tmp_path / "requirements.yml"
    path.write_text(
        "roles:\n  - geerlingguy.docker\n  - {name: web, src: https://x.example/y.git}\n"
        "  - {src: 'git+https://x.example/team/db.git'}\n"
        "collections:\n  - acme.tools\n  - {name: acme.more, version: '>=1'}\n"
    )
    assert wanted(str(path)) == ({"geerlingguy.docker", "web", "db"}, {"acme.tools", "acme.more"})
    path.write_text("- src: acme.old,1.2\n")
    assert wanted(str(path)) == ({"acme.old"}, set())
    path.write_text("just text\n")
    assert wanted(str(path)) == (set(), set())


def test_the_hint_says_how_to_install(tmp_path):
    (tmp_path / "requirements.yml").write_text("roles: [web]\ncollections: [acme.tools]\n")
    folder = str(tmp_path)
    assert missing_hint("web", folder, ()).endswith(f"ansible-galaxy role install -r {folder}/requirements.yml")
    assert "acme.tools is in" in missing_hint("acme.tools.greet", folder, ())
    assert missing_hint("other.coll.x", folder, ("/a",)) == (
        "the collection other.coll was not found in /a: ansible-galaxy collection install other.coll"
    )
    assert missing_hint("plain", folder, ()) == ""


def test_an_installed_collection_without_it(tmp_path):
    (tmp_path / "ansible_collections/acme/tools").mkdir(parents=True)
    root = str(tmp_path / "ansible_collections")
    assert missing_hint("acme.tools.greet", str(tmp_path), (root,)) == (
        "the collection acme.tools is installed, but has nothing of that name"
    )
