"""One file per subject of facts; it travels to the hosts."""
