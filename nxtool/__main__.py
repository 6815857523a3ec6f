"""`python -m nxtool` is the command line."""

import sys

from nxtool.cli import main

sys.exit(main())
