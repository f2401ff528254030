"""Voice reports by SIP: calls to the reporting number, and calls rejected as unwanted."""
