"""How many examples property tests try: a few in the quick suite, many in CI."""

from hypothesis import settings

QUICK, THOROUGH = 10, 50


def load_profiles() -> None:
    """Take `quick`; `pytest --hypothesis-profile thorough` takes the other. Neither has a limit of
    time."""
    settings.register_profile("quick", deadline=None, max_examples=QUICK)
    settings.register_profile("thorough", deadline=None, max_examples=THOROUGH)
    settings.load_profile("quick")


def many(count: int) -> settings:
    """Settings of a test that needs so many examples; the quick suite tries a part of them."""
    return settings(max_examples=count * settings().max_examples // THOROUGH)
