"""Streams of documents, as Bluesky tells of a measurement, and the runs they make up."""
