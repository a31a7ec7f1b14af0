"""``typing`` of the standard library, by its old place."""

from typing import *  # noqa: F401, F403
from typing import TYPE_CHECKING  # noqa: F401
