"""The digits: what there is, and that the split is the same for ever."""

import torch

from grader.data import load


def test_digits():
    data = load("digits")
    assert (data.images.shape, data.test_images.shape) == ((1297, 1, 8, 8), (500, 1, 8, 8))
    assert data.images.dtype is torch.float32
    assert 0 <= float(data.images.min()) < float(data.images.max()) == 1
    assert data.test_labels.bincount().tolist() == [50] * 10
    assert data.labels.bincount(minlength=10).min() > 100
    assert set(data.training) == {"images", "labels"}


def test_no_image_is_trained_with_and_judged_on():
    data = load("digits")
    seen = {image.numpy().tobytes() for image in data.images}
    assert not any(image.numpy().tobytes() in seen for image in data.test_images)


def test_the_split_is_what_calibrations_were_made_with():
    assert load("digits").sha256.startswith("6e7be66a93af9b1e")
