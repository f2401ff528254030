"""The ledger: one SQL database, SQLite or PostgreSQL, the same tables on both."""
