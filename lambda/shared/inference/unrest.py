"""How much rates move from minute to minute by themselves, beyond what counts of rare events do anyway."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise


def unrest(events: Sequence[int], of: Sequence[int]) -> float:
    """Return the squared coefficient of variation, at least 0, of the rate itself from row to row.

    Pearson's statistic tells how many times more the counts vary than independent trials would; what is
    above once, for each event expected in a row, is the rate's own. A count that is expected to be `m` then
    varies `1 + m * unrest` times as much as a Poisson count, and is worth that many times less.
    """
    rows = [(count, trials) for count, trials in zip(events, of, strict=True) if trials > 0]
    total = sum(count for count, _ in rows)
    if len(rows) <= 1 or not total:
        return 0.0
    rate = total / sum(trials for _, trials in rows)
    spread = sum((count - trials * rate) ** 2 / (trials * rate) for count, trials in rows)
    return max(0.0, spread / (len(rows) - 1) - 1) * len(rows) / total


def jumps(events: Sequence[int], others: Sequence[int]) -> float:
    """Return the variance, at least 0, of the logarithm of the ratio of two rates from row to row.

    Each row with anything in it is compared with the one before it, so that a lasting change counts once at
    most. Given the sums of both rows the events of one are hypergeometric; what they vary more than that is
    the ratio's own. The largest twentieth of the jumps, two at least, counts no more than the next one.
    What is within one standard error of nothing is taken for nothing.
    """
    rows = [(a, a + other) for a, other in zip(events, others, strict=True) if a + other]
    jumped: list[float] = []
    due: list[float] = []
    for (a, of_a), (b, of_b) in pairwise(rows):
        of_all = of_a + of_b
        share = (a + b) / of_all
        if not 0 < share < 1:
            continue
        each = share * (1 - share) * of_a * of_b / of_all
        jumped.append((a - of_a * share) ** 2 / each - of_all / (of_all - 1))
        due.append(2 * each)
    if not due:
        return 0.0
    rare = max(2, len(jumped) // 20)
    most = sorted(jumped, reverse=True)[min(rare, len(jumped) - 1)]
    beyond = sum(min(jump, most) * each for jump, each in zip(jumped, due, strict=True))
    known = sum(each * each for each in due)
    # By chance alone each jump has a variance of about 2.
    return max(0.0, (beyond - math.sqrt(2 * known)) / known)
