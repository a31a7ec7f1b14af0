"""``selectors`` of the standard library, by its old place."""

import selectors  # noqa: F401
