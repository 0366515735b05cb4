"""`grader package`: what another machine grades with: a guest's image, a judge's, Gradescope's archive."""
