import flowers


def test_describe():
    """describe gives the mean."""
    assert flowers.describe([1.0, 3.0])["mean"] == 2
