"""Settings, as plugins import them."""
