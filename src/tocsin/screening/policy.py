"""From classes to spam: a policy says which classes count, the model never does."""

from functools import cache

from tocsin.records import CLASSES, Verdict
from tocsin.vocabulary.terms import classes_of


@cache
def _columns(policy: str) -> tuple[int, ...]:
    counted = classes_of(policy)
    return tuple(place for place, name in enumerate(CLASSES) if name in counted)


def spam_probability(verdict: Verdict, policy: str) -> float:
    """Return the probability that a message is spam under a policy, 0 to 1.

    Raises:
        Rejected: no policy has this name.
    """
    return min(1.0, sum(verdict.probabilities[column] for column in _columns(policy)))
