"""What becomes of a grading: JSON, HTML, Markdown, Gradescope's results.json and the terminal's tables."""
