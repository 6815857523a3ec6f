"""Groups of commands that say which there are, where one was named that is none."""

from __future__ import annotations

from pathlib import Path

import click


class NamingGroup(click.Group):
    """A group that helps whoever left its command out, or spelled it otherwise."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with what may be meant by a command that does not exist."""
        name = args[0]
        known = self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            ctx.fail(f"No such command {name!r}; {_meant(ctx, name, known)}")
        return super().resolve_command(ctx, args)


def _meant(ctx: click.Context, name: str, known: list[str]) -> str:
    """How to go on, in words."""
    import difflib

    if near := difflib.get_close_matches(name, known, n=1, cutoff=0.6):
        return f"did you mean {near[0]!r}?"
    if ctx.parent is not None:
        return f"there are {', '.join(known)}"
    if Path(name).is_file():
        return f"this looks at the file: {ctx.command_path} show {name}"
    return "the help lists all"
