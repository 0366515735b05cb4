"""Submissions that are too large or too odd to lie about as files."""

from __future__ import annotations

from tests.hostile.corpus import Attack

WITNESS = "\n\ndef witness(x):\n    return x + 1\n"


def _attack(name: str, sentence: str, verdicts: str, source: str | bytes, success: str = "stall") -> Attack:
    content = source if isinstance(source, bytes) else (source + WITNESS).encode()
    return Attack(
        "choke the parser", name, sentence, frozenset(verdicts.split(", ")), success, files={"hostile.py": content}
    )


ATTACKS = [
    _attack("parentheses", "Nests 100,000 parentheses.", "blocked", "x = " + "(" * 100_000 + ")" * 100_000),
    _attack("null_byte", "Has a null byte in its source.", "blocked", b"x = '\0'\n"),
    _attack("not_utf8", "Has bytes in its source that are not UTF-8.", "blocked", b"x = '\xff\xfe'\n"),
    _attack("unknown_encoding", "Declares an encoding that does not exist.", "blocked", b"# -*- coding: nonsense -*-\nx = 1\n"),
    _attack("operators", "Chains 100,000 operators in one expression.", "blocked, error", "x = " + "-" * 100_000 + "1"),
    _attack("huge_constant", "Has the compiler compute a power with 10^9 digits.", "blocked", "x = (7 ** 9999999) ** 999"),
    _attack("deep_blocks", "Nests a hundred blocks.", "blocked", "".join("  " * i + "if 1:\n" for i in range(101)) + "  " * 101 + "pass"),
    _attack("endless_class", "Makes classes of classes until the resolution order takes for ever.", "blocked, error, timeout, memory", "class A: pass\nfor i in range(10**7):\n    A = type(f'A{i}', (A,), {})"),
    _attack("attributes", "Chains 100,000 attribute accesses.", "blocked, error", "import os\nx = os" + ".path" * 100_000),
    _attack("star_import", "Replaces every builtin by one that loops.", "blocked, error, timeout", "import builtins, time\nfor n in ('len', 'isinstance', 'getattr', 'range', 'print', 'repr', 'str', 'open', 'zip', 'all', 'type'):\n    setattr(builtins, n, lambda *a, **k: time.sleep(1000))\ndef scale(x):\n    return x"),
]  # fmt: skip
