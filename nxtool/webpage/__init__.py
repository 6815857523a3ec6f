"""A file as one page for a browser: what it says, a picture, what is wrong, what is in it."""
