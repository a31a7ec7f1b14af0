"""What older Pythons had."""
