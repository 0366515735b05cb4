"""What runs in Gradescope's container: one submission, graded under Gradescope's own contract."""
