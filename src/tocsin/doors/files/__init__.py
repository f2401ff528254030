"""Reports from files, and as files: JSON Lines, CSV, FTC complaints, MISP events, STIX bundles, ARF."""
