"""NXDL: XML files to typed elements, and the sets of definitions to find them in."""
