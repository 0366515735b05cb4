"""A learning platform's download → hand-ins with their owners; nothing is dropped, and nothing is guessed."""
