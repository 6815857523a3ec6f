"""openPMD files as NeXus and NeXus files as openPMD: by links in one file, beside it, or copied."""
