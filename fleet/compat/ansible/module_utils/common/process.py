"""Programs."""

import os


def get_bin_path(arg, opt_dirs=None, required=None):
    """The path of the program ``arg``, in ``opt_dirs``, PATH or the folders of administrators. ValueError for none."""
    places = [place for place in opt_dirs or [] if place is not None]
    places += os.environ.get("PATH", "").split(os.pathsep)
    places += [place for place in ("/sbin", "/usr/sbin", "/usr/local/sbin") if place not in places]
    for place in places:
        path = os.path.join(place, arg)
        if place and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise ValueError('Failed to find required executable "%s" in paths: %s' % (arg, os.pathsep.join(places)))
