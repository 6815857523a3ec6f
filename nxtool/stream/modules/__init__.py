"""What becomes of the messages of one source: a group of growing datasets for each kind of message.

Groups and datasets have the names and types that ESS' file writer (kafka-to-nexus) gives them.
"""
