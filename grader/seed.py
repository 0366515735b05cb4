"""The secret that all of a run's random inputs are drawn from."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from grader.errors import UsageError


@dataclass(frozen=True)
class Seed:
    """The secret that all of a run's random inputs are drawn from."""

    secret: bytes

    @classmethod
    def fresh(cls) -> Seed:
        """A new secret of 128 bits."""
        return cls(secrets.token_bytes(16))

    @property
    def id(self) -> str:
        """Names the seed without revealing it."""
        return hashlib.sha256(b"grader seed " + self.secret).hexdigest()[:16]

    def number(self, label: str) -> int:
        """63 bits that depend on the secret and a label."""
        return int.from_bytes(hashlib.blake2b(label.encode(), key=self.secret, digest_size=8).digest()) >> 1


def parse_seed(text: str | None) -> Seed:
    """The seed that staff reports show as hexadecimal digits; a fresh one where none is given."""
    if text is None:
        return Seed.fresh()
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) < 8:
        raise UsageError(f"--seed takes the hexadecimal digits of a staff report's seed, 16 at least; {text!r} is none")
    return Seed(secret)
