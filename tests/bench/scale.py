"""How large the scenarios are: 1 is what the targets speak of. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Counts and lengths shrink together; a scaled run shows that a scenario works, and nothing more."""

    factor: float = 1.0

    @property
    def full(self) -> bool:
        return self.factor == 1.0

    def count(self, number: int) -> int:
        return max(5, round(number * self.factor))

    def seconds(self, length: float) -> float:
        return max(min(3.0, length), length * self.factor)

    def patience(self, count: int) -> float:
        """Seconds after which so many objects will not come to an end any more."""
        return 90 + count * 0.1
