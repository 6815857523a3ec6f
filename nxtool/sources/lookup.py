"""Names an author gives, compared with the names there are."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from nxtool.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SELECT: Final = (
    "name the file alone, and what of it is meant where that is used, as `from: SOURCE:SELECTOR`;"
    " `nxtool sources FILE` lists the selectors"
)
"""The hint for those who look for data inside a file where the format has no option for it."""


def near_names(name: str, known: Iterable[str], limit: int = 3) -> str:
    """A hint that names what is nearest to `name`, or the first names there are.

    >>> near_names("Thet", ["Theta", "I0"])
    'did you mean Theta?'
    >>> near_names("zz", ["Theta", "I0"])
    'there is Theta, I0'
    """
    names = list(dict.fromkeys(known))
    near = get_close_matches(name, names, limit, cutoff=0.6)
    if near:
        return f"did you mean {', '.join(near)}?"
    if not names:
        return "there is nothing in it"
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"there is {', '.join(names[:10])}{more}"


def unknown(where: object, what: str, name: str, known: Iterable[str]) -> SourceError:
    """The error for a name that does not exist: `scan.csv: no column 'Thet'`."""
    return SourceError(f"{where}: no {what} {name!r}", hint=near_names(name, known))


def check_options(format_name: str, options: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse options the format does not have.

    Raises:
        SourceError: names the first such option and the nearest there is.
    """
    names = tuple(known)
    for name in options:
        if name not in names:
            otherwise = near_names(name, names) if names else "it has none"
            hint = SELECT if name == "dataset" else otherwise
            raise SourceError(f"format {format_name} has no option {name!r}", hint=hint)


def count_option(options: Mapping[str, Any], name: str) -> int:
    """The option `name` as a whole number from 0 up; 0 if it is not given."""
    value = options.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise SourceError(f"option {name} is {value!r}", hint="it is a whole number from 0 up")
    return value
