"""What plugins see as the package ``ansible``."""
