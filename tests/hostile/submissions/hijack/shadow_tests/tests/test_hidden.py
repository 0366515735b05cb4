def test_scale():
    """Everything is fine."""
