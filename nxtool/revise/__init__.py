"""openPMD files brought to another version of the standard, or mended, on a copy."""
