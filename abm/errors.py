"""The one error that speaks to a user: what is wrong with an input, where, and what to do about it."""


class InputError(ValueError):
    """An input cannot be used; the message is one sentence naming file, field and remedy."""
