"""`nxtool schema`: JSON Schema of recipes, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.generated import deliver, output_file
from nxtool.config import schema_for
from nxtool.schema.editor import json_schema


@click.command(no_args_is_help=True)
@click.argument("definition", metavar="DEFINITION")
@options.definitions_folders
@output_file
@options.no_color
def command(definition: str, folders: tuple[Path, ...], output: Path | None) -> None:
    """Print the JSON Schema of recipes for an application definition.

    Editors that know YAML complete and explain names with it. Write it beside the recipe, which
    begins with "# yaml-language-server: $schema=./NXmx.schema.json".
    """
    text = json.dumps(json_schema(schema_for(folders), definition), indent=1, ensure_ascii=False)
    deliver(text + "\n", output, replace=True)
