"""Policies turn classes into spam."""

import pytest

from tocsin.errors import Rejected
from tocsin.records import Method, Verdict
from tocsin.screening.policy import spam_probability

METHOD = Method("m", "r", "v")
VERDICT = Verdict((0.4, 0.1, 0.2, 0.05, 0.25), "fraud.other", "en", METHOD)


@pytest.mark.parametrize(("policy", "expected"), [("unwanted", 0.75), ("fraud", 0.5)])
def test_a_policy_adds_up_its_classes(policy: str, expected: float) -> None:
    """The probability of spam is the sum over the classes that the policy counts."""
    assert spam_probability(VERDICT, policy) == pytest.approx(expected)


def test_a_probability_never_passes_one() -> None:
    """Rounding in the model cannot lift a probability above 1."""
    verdict = Verdict((0.5, 0.3, 0.2, 0.0000001, 0.0), "fraud.other", "en", METHOD)
    assert spam_probability(verdict, "unwanted") == 1


def test_an_unknown_policy_is_rejected() -> None:
    """A policy that does not exist is rejected by name of its field."""
    with pytest.raises(Rejected) as caught:
        spam_probability(VERDICT, "none")
    assert (caught.value.code, caught.value.field) == ("policy.unknown", "policy")
