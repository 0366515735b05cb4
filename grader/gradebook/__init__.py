"""What a class's grades become: one table, its statistics, the files that an LMS takes, the class page."""

from grader.gradebook.page import write_class_page
from grader.gradebook.write import write_gradebook

__all__ = ["write_class_page", "write_gradebook"]
