"""What a class's grades become: one table, its statistics, the files that an LMS takes, the class page."""
