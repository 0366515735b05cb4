"""`grader package`: the guest's image, the judge's image and Gradescope's archive, for grading on another machine."""
