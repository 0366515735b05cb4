"""Without a word on training your dropout_forward evaluates. training=True is its default."""

PARTS = ("forward",)


_with_both = dropout_forward


def dropout_forward(x, p, training=False):
    return _with_both(x, p, training)


class Dropout(Dropout):
    def forward(self, x):
        return dropout_forward(x, self.p, self.training)[0]


def sampled_ensemble(x, layers, p, n_samples):
    total = 0
    for _ in range(n_samples):
        h = x
        for w, b in layers[:-1]:
            h, _ = dropout_forward((h @ w + b).relu(), p, True)
        total = total + h @ layers[-1][0] + layers[-1][1]
    return total / n_samples
