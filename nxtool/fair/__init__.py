"""How FAIR a NeXus file is: findable, accessible, interoperable, reusable.

A table of yes/no questions (`checks`), facts gathered in one walk through the file (`survey`),
functions from facts to answers by letter, and a score. Nothing here prints.
"""
