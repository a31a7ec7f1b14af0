"""What os-release says about the distribution."""


def os_release_info():
    found = {}
    try:
        with open("/etc/os-release") as source:
            for line in source:
                key, mark, value = line.strip().partition("=")
                if mark:
                    found[key.lower()] = value.strip("\"'")
    except OSError:
        pass
    return found


def info(pretty=False, best=False):
    major, _, minor = version().partition(".")
    return {"id": id(), "version": version(), "like": like(), "codename": codename(),
            "version_parts": {"major": major, "minor": minor.partition(".")[0], "build_number": ""}}


def id():
    return {"ol": "oracle", "opensuse-leap": "opensuse"}.get(os_release_info().get("id", ""),
                                                             os_release_info().get("id", ""))


def name(pretty=False):
    return os_release_info().get("pretty_name" if pretty else "name", "")


def version(pretty=False, best=False):
    return os_release_info().get("version_id", "")


def like():
    return os_release_info().get("id_like", "")


def codename():
    return os_release_info().get("version_codename", "")


def linux_distribution(full_distribution_name=True):
    return (name() if full_distribution_name else id()), version(), codename()
