"""One file per format, named ``<vendor>_<product>.py`` and exporting ``FORMAT``; files starting with ``_`` are shared parts."""
