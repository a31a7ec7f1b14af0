"""``fleet vault encrypt_string``: single values as ``!vault`` blocks for a YAML file."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from fleet.cli import options as o
from fleet.errors import OptionsError
from fleet.record import record

INDENT = " " * 10
Texts = Annotated[list[str] | None, typer.Argument(metavar="TEXT", help="Values; - or none is standard input.")]
Output = Annotated[str | None, typer.Option("--output", metavar="FILE", help="Write here; - is standard output.")]
EncryptId = Annotated[str | None, typer.Option("--encrypt-vault-id", help="Encrypt with the password of this label.")]
Names = Annotated[list[str] | None, typer.Option("-n", "--name", help="Name of a variable, one for each value.")]
StdinName = Annotated[str | None, typer.Option("--stdin-name", help="Name of the variable that is read from stdin.")]
Prompt = Annotated[bool, typer.Option("-p", "--prompt", help="Ask for the value.")]
ShowInput = Annotated[bool, typer.Option("--show-input", help="Show the value while it is typed.")]


@record
class Value:
    """One value to encrypt. ``source`` says in words where it comes from."""

    text: str
    name: str
    source: str


def encrypt_string(
    texts: Texts = None,
    name: Names = None,
    stdin_name: StdinName = None,
    prompt: Prompt = False,
    show_input: ShowInput = False,
    output: Output = None,
    encrypt_vault_id: EncryptId = None,
    vault_id: o.VaultId = None,
    vault_password_file: o.VaultPasswordFile = None,
    ask_vault_pass: o.AskVaultPass = False,
    verbose: o.Verbose = 0,
) -> None:
    """Encrypt values and print them as YAML."""
    from fleet.cli.vault import armour, begin, encrypting, say, write

    reads_stdin = "-" in (texts or ()) or stdin_name is not None
    if prompt and reads_stdin:
        raise OptionsError("The --prompt option is not supported if also reading input from stdin")
    settings, wanted = begin(vault_id, vault_password_file, ask_vault_pass)
    secret = encrypting(settings, wanted, encrypt_vault_id)
    given = [text for text in texts or () if text != "-"]
    values = [_asked(show_input)] if prompt else []
    if reads_stdin or not (values or given):
        values.append(_stdin(stdin_name or ""))
    values += _named(given, name or [])
    blocks = []
    for number, value in enumerate(values, 1):
        if not value.text:
            raise OptionsError(f"The plaintext provided from {value.source} was empty, not encrypting")
        if len(values) > 1:
            sys.stderr.write(_comment(value, number))
        blocks.append(
            block(armour(settings, value.text.encode("utf-8", "surrogateescape"), secret).decode(), value.name)
        )
    write("", output, "".join(blocks).encode())
    say("Encryption successful")


def block(armoured: str, name: str = "") -> str:
    """Armoured text as a ``!vault`` value of YAML, ready to be pasted into a file."""
    head = f"{name}: !vault |" if name else "!vault |"
    return "\n".join([head, *(INDENT + line for line in armoured.splitlines()), ""])


def _comment(value: Value, number: int) -> str:
    what = f'variable ("{value.name}", the string #{number}' if value.name else f"the string (#{number}"
    return f"# The encrypted version of {what} from {value.source}).\n"


def _asked(show_input: bool) -> Value:
    try:
        name = input("Variable name (enter for no name): ").strip()
        text = input("String to encrypt: ") if show_input else getpass.getpass("String to encrypt (hidden): ")
    except EOFError:
        raise OptionsError("no terminal to ask for the value on", hint="give it on standard input") from None
    return Value(text, name, "the prompt")


def _stdin(name: str) -> Value:
    if sys.stdin.isatty():
        sys.stderr.write(
            "Reading plaintext input from stdin. "
            "(ctrl-d to end input, twice if your content does not already have a newline)\n"
        )
    text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    if not text:
        raise OptionsError("stdin was empty, not encrypting")
    return Value(text, name, "stdin")


def _named(texts: Sequence[str], names: Sequence[str]) -> list[Value]:
    if names and len(names) != len(texts):
        sys.stderr.write(
            "The number of --name options do not match the number of args.\n"
            f'The last named variable will be "{names[-1]}". The rest will not have names.\n'
        )
    padded = [*names, *[""] * len(texts)]
    return [Value(text, name, "the command line args") for text, name in zip(texts, padded, strict=False)]
