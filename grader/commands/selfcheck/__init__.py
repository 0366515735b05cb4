"""`grader selfcheck`: proves that each hidden suite grades as declared.

Rows of submissions against columns of parts, as a table in the terminal and as a page.
"""
