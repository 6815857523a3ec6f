"""Raw files inside a NeXus file: how they are kept, and how they come back bit for bit."""
