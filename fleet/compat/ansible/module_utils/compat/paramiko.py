"""paramiko, where the host has it: else None, and why not."""

PARAMIKO_IMPORT_ERR = None
paramiko = None
try:
    import paramiko  # noqa: F401
except Exception as error:  # whatever its own imports raise
    PARAMIKO_IMPORT_ERR = error
