"""From a recipe to a file: the plan, judging it before anything is written, writing it."""
