"""Messages of the ESS streaming formats (FlatBuffers on Kafka), decoded and encoded.

`schemas` lists the tables of every format: what stands in which slot. `wire` reads them and trusts
no byte, `forms` shapes them into the values of `model`, `decode` finds the format by its four
letters, `batch` decodes many messages into columns, `encode` writes what a file writer answers.
"""
