"""One file per module. The file name is the module's short name; it travels to the hosts."""
