"""Facts, for modules that ask for them by themselves."""
