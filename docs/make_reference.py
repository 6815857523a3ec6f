"""Write docs/commands.md from the commands, and docs/recipe-reference.md from the JSON Schema of
recipes: `python docs/make_reference.py`."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import click

from nxtool.cli.commands import command_line
from nxtool.schema.recipewords import long_form, shared, top_level

COMMANDS_PAGE = Path(__file__).with_name("commands.md")
RECIPE_PAGE = Path(__file__).with_name("recipe-reference.md")

COMMANDS_HEAD = """\
# Commands

All commands with all their options. This page is made from what the commands say of themselves
(`make rules`); `nxtool COMMAND --help` prints the same.

Exit codes: 0 fine, 1 findings, 2 could not do it (wrong use, or something cannot be read or
written), 130 interrupted.

Every command has `-h`, `--help`; most have `--no-color`. What tells of errors and of progress goes
to stderr, results go to stdout.

## Completion in the shell

Once, for commands, options and their values to be completed with the tab key:

| shell | line | in |
|---|---|---|
| bash 4.4 or newer | `eval "$(_NXTOOL_COMPLETE=bash_source nxtool)"` | `~/.bashrc` |
| zsh | `eval "$(_NXTOOL_COMPLETE=zsh_source nxtool)"` | `~/.zshrc` |
| fish | `_NXTOOL_COMPLETE=fish_source nxtool \\| source` | `~/.config/fish/config.fish` |
"""

RECIPE_HEAD = """\
# Recipe reference

Every word that is the same in all recipes, in tables. This page is made from the JSON Schema of
recipes (`make rules`), the one `nxtool schema NAME` writes for editors. What the words do is told
on [the page of the recipe language](recipe-language.md). The names below an entry are those of the
definition: `nxtool definitions tree NAME` shows them.
"""

SHARED = ("-h", "--no-color")
"""Options that the head of the page tells of."""


def commands_page() -> str:
    """The page of commands as Markdown, in the order of the help."""
    return COMMANDS_HEAD + "".join(_sections(command_line, click.Context(command_line), "nxtool"))


def _sections(group: click.Group, context: click.Context, above: str) -> Iterator[str]:
    """A section for each command of a group, and for those below it."""
    for name in group.list_commands(context):
        command = cast("click.Command", group.get_command(context, name))  # as it is listed
        full = f"{above} {name}"
        below = click.Context(command, parent=context, info_name=name)
        yield _section(command, below, full)
        if isinstance(command, click.Group):
            yield from _sections(command, below, full)


def _section(command: click.Command, context: click.Context, name: str) -> str:
    level = "#" * len(name.split())
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    parts = [f"\n{level} {name}\n", f"```text\n{usage}\n```\n", *_told(command.help or "")]
    rows = [_option(one) for one in command.params if isinstance(one, click.Option)]
    if any(rows):
        parts.append("| option | what |\n|---|---|\n" + "".join(rows))
    if command.epilog:
        examples = command.epilog.partition("Examples:\n")[2]
        parts.append(f"```text\n{inspect.cleandoc(examples)}\n```\n")
    return "\n".join(parts)


def _told(text: str) -> Iterator[str]:
    """The text of the help in paragraphs; lines after `\\b` keep their layout."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        kept = paragraph.removeprefix("\b\n")
        yield f"{_plain(kept)}\n" if kept == paragraph else f"```text\n{kept}\n```\n"


def _option(option: click.Option) -> str:
    if option.opts[0] in SHARED or option.hidden:
        return ""
    names = ", ".join(f"`{one}`" for one in (*option.opts, *option.secondary_opts))
    if option.metavar and not option.is_flag:
        names += f" `{option.metavar}`"
    told = [_plain(option.help or "")]
    if isinstance(option.type, click.Choice):
        told.append("One of " + ", ".join(f"`{one}`" for one in option.type.choices) + ".")
    return f"| {_cell(names)} | {_cell(' '.join(told))} |\n"


def _plain(text: str) -> str:
    """Text in which Markdown sees no tags and no emphasis."""
    parts = text.split("`")
    parts[::2] = [part.replace("<", "\\<").replace("*", "\\*") for part in parts[::2]]
    return "`".join(parts)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def recipe_page() -> str:
    """The page of recipes as Markdown."""
    words = shared()
    top = top_level("NAME")
    source = top["sources"]["additionalProperties"]["then"]
    anything = {"description": "A literal, a list or a quantity."}
    tables = {
        "Top level": top,
        "defaults": top["defaults"]["properties"],
        "A source": source["properties"],
        "provenance": top["provenance"]["properties"],
        "A field, in the long form": long_form(anything)["properties"],
        "lossy": words["word.lossy"]["properties"],
        "Words of a group": {
            key.removeprefix("word."): form for key, form in words.items() if "$" in key
        },
        "$plot": words["word.$plot"]["properties"],
        "$reduce": words["word.$reduce"]["properties"],
        "A step of transformations": words["steps"]["items"]["properties"],
    }
    parts = (_table(title, forms, words) for title, forms in tables.items())
    return RECIPE_HEAD + "".join(parts)


def _table(title: str, forms: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    title = f"`{title}`" if title.islower() else title
    rows = (_word(key, form, words) for key, form in forms.items())
    return f"\n## {title}\n\n| word | form | what |\n|---|---|---|\n" + "".join(rows)


def _word(key: str, form: Any, words: Mapping[str, Any]) -> str:
    form = words.get(str(form.get("$ref", "")).removeprefix("#/$defs/"), form)
    return f"| `{key}` | {_cell(_form(form))} | {_cell(_plain(form.get('description', '')))} |\n"


def _form(form: Mapping[str, Any]) -> str:
    """The form of a value in words: its choices, or its types."""
    if "const" in form:
        return "" if form["const"] == "NAME" else f"`{json.dumps(form['const'])}`"
    if "enum" in form:
        return ", ".join(f"`{one}`" for one in form["enum"])
    if "anyOf" in form:
        return "; ".join(_form(one) for one in form["anyOf"])
    types = form.get("type", [])
    names = [types] if isinstance(types, str) else [one for one in types if one != "null"]
    if "string" in names:  # a number or true may stand for a text
        names = [one for one in names if one != "boolean" and (one != "number" or names[0] == one)]
    told = {"object": "mapping", "array": "list", "string": "text", "integer": "whole number"}
    return ", ".join(told.get(one, one) for one in names)


if __name__ == "__main__":
    COMMANDS_PAGE.write_text(commands_page(), encoding="utf-8")
    RECIPE_PAGE.write_text(recipe_page(), encoding="utf-8")
