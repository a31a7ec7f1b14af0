"""Private names of ansible-core that plugins in the wild import all the same."""
