"""Names and passwords of what a run creates.

Names carry the run's nonce, by which a resource is proven ours even when the answer to its
creation was lost. They use letters, digits and blanks or underscores only, so that no legal
naming rule refuses them. Passwords are drawn from the run's seed and never look like other text.
"""

import itertools
import random
import string


class Names:
    """A run's supply of fresh names and passwords."""

    def __init__(self, nonce: str, seed: int) -> None:
        """`nonce` is unique to the run; `seed` makes the passwords repeatable."""
        self.nonce = nonce
        self._count = itertools.count(1)
        self._random = random.Random(f"{seed}/passwords")

    def words(self) -> str:
        """A fresh name of letters, digits and blanks, for services."""
        return f"pga {self.nonce} {next(self._count):04d}"

    def identifier(self) -> str:
        """A fresh name of letters, digits and underscores, for instances, users and databases."""
        return f"pga_{self.nonce}_{next(self._count):04d}"

    def identifier_of(self, length: int, first: str = "p") -> str:
        """A fresh identifier of exactly `length` characters that starts with `first`."""
        tail = f"{self.nonce}_{next(self._count):04d}"
        return (
            (first + (tail * length))[:length] if length > len(tail) else self._short(length, first)
        )

    def password(self, length: int = 24) -> str:
        """A fresh password of `length` letters and digits, with all three classes."""
        required = [
            self._random.choice(alphabet)
            for alphabet in (string.ascii_lowercase, string.ascii_uppercase, string.digits)
        ]
        letters = string.ascii_letters + string.digits
        rest = [self._random.choice(letters) for _ in range(max(length - 3, 0))]
        return "".join((required + rest)[:length])

    def _short(self, length: int, first: str) -> str:
        letters = string.ascii_lowercase + string.digits
        rest = (self._random.choice(letters) for _ in range(length - len(first)))
        return first + "".join(rest)
