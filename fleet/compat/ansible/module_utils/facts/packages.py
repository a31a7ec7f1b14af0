"""Managers of packages by a program or by a library: what is installed, as package_facts gives it."""

from abc import ABCMeta, abstractmethod

from ansible.module_utils.common.process import get_bin_path


class PkgMgr(metaclass=ABCMeta):
    """A source of packages."""

    @abstractmethod
    def is_available(self, handle_exceptions=True):
        """Whether it works on this host."""

    @abstractmethod
    def list_installed(self):
        """What is installed, in the manager's own form."""

    @abstractmethod
    def get_package_details(self, package):
        """One of ``list_installed`` as a dictionary with ``name`` and ``version``."""

    def get_packages(self):
        """name -> every installed version of it, each with its ``source``."""
        found = {}
        for package in self.list_installed():
            details = self.get_package_details(package)
            details.setdefault("source", self.__class__.__name__.lower())
            found.setdefault(details["name"], []).append(details)
        return found


class CLIMgr(PkgMgr):
    """One that is a program, named by the class as ``CLI``."""

    CLI = None

    def __init__(self):
        self._cli = None
        PkgMgr.__init__(self)

    def is_available(self, handle_exceptions=True):
        try:
            self._cli = get_bin_path(self.CLI)
        except ValueError:
            if not handle_exceptions:
                raise
            return False
        return True


def get_all_pkg_managers():
    """Every manager that a module has made, by its name in small letters."""

    def below(cls):
        for child in cls.__subclasses__():
            yield child
            yield from below(child)

    return {cls.__name__.lower(): cls for cls in below(PkgMgr) if cls is not CLIMgr}
