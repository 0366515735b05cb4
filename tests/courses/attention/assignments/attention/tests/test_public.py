import attention
import torch


def test_rows_add_up_to_1():
    """Each row of a softmax adds up to 1."""
    assert torch.allclose(attention.softmax(torch.ones(2, 3)).sum(1), torch.ones(2))
