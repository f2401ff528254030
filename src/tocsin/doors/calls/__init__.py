"""Call records: asking for the last call to a number, and feeding the calls that reached traps."""
