from gradescope_utils.autograder_utils.decorators import weight

from grader.suite import agree, agree_printed, part


@part("load")
@weight(3)
def test_load(student, reference):
    """load reads the table and drops the rows that lack a number."""
    agree(student.load, reference.load)


@part("load")
@weight(2)
def test_means(student, reference, table):
    """means gives the mean length and width of each species."""
    agree(student.means, reference.means, table)


@part("load")
@weight(1)
def test_species(student, reference, table):
    """species gives the set of species."""
    agree(student.species, reference.species, table)


@part("describe")
@weight(5)
def test_describe(student, reference, draws):
    """describe gives mean, standard deviation and extent."""
    agree(student.describe, reference.describe, draws.normal(7).numpy())


@part("describe")
@weight(3)
def test_standardize(student, reference, draws):
    """standardize gives each column mean 0 and standard deviation 1."""
    agree(student.standardize, reference.standardize, draws.normal(7, 3).numpy())


@part("nearest")
@weight(4)
def test_nearest(student, reference, table):
    """nearest finds the flower and its distance."""
    agree(student.nearest, reference.nearest, table, 7.0, 2.5)


@part("nearest")
@weight(2)
def test_report(student, reference, table):
    """report prints the species, sorted, with their counts."""
    agree_printed(student.report, reference.report, table)
