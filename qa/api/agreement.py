"""How far two reviewers agree beyond chance.

In: pairs of verdicts on the same things. Out: Cohen's kappa. Nothing can fail; where it is not
defined it is None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence


def cohens_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Kappa of two raters (Cohen 1960, "A Coefficient of Agreement for Nominal Scales", p. 40).

    1 is full agreement, 0 what chance would bring. None without pairs, and where both always say
    one and the same, so that chance alone would make them agree.
    """
    count = len(pairs)
    first = Counter(one for one, _ in pairs)
    second = Counter(other for _, other in pairs)
    by_chance = sum(first[name] * second[name] for name in first)
    if by_chance == count * count:
        return None
    agreed = sum(one == other for one, other in pairs)
    return (agreed * count - by_chance) / (count * count - by_chance)
