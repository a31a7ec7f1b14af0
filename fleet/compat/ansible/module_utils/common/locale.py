"""A locale whose messages programs can be read by."""


def get_best_parsable_locale(module, preferences=None, raise_on_locale=False):
    """The first of ``preferences`` the host has, else ``C``."""
    program = module.get_bin_path("locale")
    if not program:
        if raise_on_locale:
            raise RuntimeWarning("Could not find 'locale' tool")
        return "C"
    rc, out, err = module.run_command([program, "-a"])
    if rc or not out:
        if raise_on_locale:
            raise RuntimeWarning("No output from locale, rc=%s: %s" % (rc, err))
        return "C"
    have = out.strip().splitlines()
    for name in preferences or ("C.utf8", "C.UTF-8", "en_US.utf8", "en_US.UTF-8", "C", "POSIX"):
        if name in have:
            return name
    return "C"
