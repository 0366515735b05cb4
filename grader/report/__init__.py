"""A grading as a report: JSON, HTML, Markdown, Gradescope's results.json and the terminal's tables."""
