"""openPMD: files of any backend as trees, series of them as records, and the rules for both."""
