"""Pages for a browser: a file with its picture, findings and tree; a bench of filters."""
