"""The ledger: every hand-in, every grade ever given, and every adjustment, in SQLite or PostgreSQL."""
