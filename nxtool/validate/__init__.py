"""The rules of the standard, and the engine that applies them to a tree.

The package can be called: `nxtool.validate(path)` is `nxtool.validate.api.validate(path)`. A
package and a function of one name in `nxtool` cannot be told apart otherwise, for importing the
package puts it in the place of the function.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nxtool.findings import Findings


class _Callable(ModuleType):
    def __call__(self, path: Any, *args: Any, **options: Any) -> Findings:
        from nxtool.validate.api import validate

        return validate(path, *args, **options)


sys.modules[__name__].__class__ = _Callable
