"""Reports that handsets and their messaging apps send: MARS, RCS spam reports, XARF."""
