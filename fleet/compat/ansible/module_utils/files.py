"""The part of AnsibleModule that deals with files: owner, mode, copies, moves that are seen whole or not at all."""

import grp
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
import time

from ansible.module_utils.common.file import format_attributes, symbolic
from ansible.module_utils.common.text.converters import to_text

AVAILABLE_HASH_ALGORITHMS = dict((name, getattr(hashlib, name)) for name in sorted(hashlib.algorithms_guaranteed))


class Files(object):
    """Mixed into AnsibleModule; uses its ``params``, ``check_mode``, ``fail_json``."""

    def load_file_common_arguments(self, params, path=None):
        """The arguments about owner and mode, ready for ``set_fs_attributes_if_different``."""
        path = path or params.get("path") or params.get("dest")
        if path is None:
            return {}
        path = os.path.expanduser(os.path.expandvars(path))
        if params.get("follow") and os.path.islink(path):
            path = os.path.realpath(path)
        return {"path": path, "mode": params.get("mode"), "owner": params.get("owner"), "group": params.get("group"),
                "secontext": [params.get(name) for name in ("seuser", "serole", "setype")],
                "seuser": params.get("seuser"), "serole": params.get("serole"), "setype": params.get("setype"),
                "selevel": params.get("selevel"), "attributes": params.get("attributes")}

    def user_and_group(self, path, expand=True):
        found = os.lstat(os.path.expanduser(path) if expand else path)
        return found.st_uid, found.st_gid

    def selinux_enabled(self):
        return False

    selinux_mls_enabled = selinux_enabled

    def selinux_initial_context(self):
        return [None, None, None]

    def selinux_default_context(self, path, mode=0):
        return self.selinux_initial_context()

    def selinux_context(self, path):
        return self.selinux_initial_context()

    def is_special_selinux_path(self, path):
        return False, None

    def find_mount_point(self, path):
        """The folder that the file system with ``path`` is mounted on."""
        path = os.path.realpath(os.path.expanduser(os.path.expandvars(to_text(path))))
        while not os.path.ismount(path):
            path = os.path.dirname(path)
        return path

    def set_context_if_different(self, path, context, changed, diff=None):
        return changed

    def check_file_absent_if_check_mode(self, file_path):
        """True in check mode for a file that is not there yet."""
        return self.check_mode and not os.path.exists(file_path)

    def _differs(self, diff, name, before, after):
        if diff is not None:
            diff.setdefault("before", {})[name] = before
            diff.setdefault("after", {})[name] = after

    def set_owner_if_different(self, path, owner, changed, diff=None, expand=True):
        return self._own(path, owner, changed, diff, "owner", 0)

    def set_group_if_different(self, path, group, changed, diff=None, expand=True):
        return self._own(path, group, changed, diff, "group", 1)

    def _own(self, path, name, changed, diff, what, index):
        if name is None:
            return changed
        path = os.path.expanduser(path)
        try:
            number = int(name)
        except ValueError:
            try:
                number = grp.getgrnam(name).gr_gid if index else pwd.getpwnam(name).pw_uid
            except KeyError:
                self.fail_json(path=path, msg="chown failed: failed to look up %s %s"
                               % ("group" if index else "user", name) if not index
                               else "chgrp failed: failed to look up group %s" % name)
        try:
            now = self.user_and_group(path)[index]
        except OSError:
            if self.check_mode:
                return True
            raise
        if now == number:
            return changed
        self._differs(diff, what, now, number)
        if not self.check_mode:
            try:
                os.lchown(path, -1 if index else number, number if index else -1)
            except OSError as error:
                self.fail_json(path=path, msg="%s failed: %s" % ("chgrp" if index else "chown", error.strerror))
        return True

    def set_mode_if_different(self, path, mode, changed, diff=None, expand=True):
        if mode is None:
            return changed
        path = os.path.expanduser(path)
        try:
            found = os.lstat(path)
        except OSError:
            if self.check_mode:
                return True
            raise
        now = stat.S_IMODE(found.st_mode)
        if stat.S_ISLNK(found.st_mode):
            return changed
        try:
            wanted = mode if isinstance(mode, int) else self._mode(mode, found)
        except ValueError as error:
            self.fail_json(path=path, msg="mode must be in octal or symbolic form", details=str(error))
        if now == wanted:
            return changed
        self._differs(diff, "mode", "0%03o" % now, "0%03o" % wanted)
        if not self.check_mode:
            try:
                os.chmod(path, wanted)
            except OSError as error:
                self.fail_json(path=path, msg="chmod failed", details=str(error))
        return True

    @staticmethod
    def _mode(mode, found):
        try:
            return int(mode, 8)
        except ValueError:
            return symbolic(mode, stat.S_IMODE(found.st_mode), stat.S_ISDIR(found.st_mode))

    def set_fs_attributes_if_different(self, file_args, changed, diff=None, expand=True):
        """Bring owner, group and mode of a file to what is wanted; True when something changed."""
        path = file_args["path"]
        changed = self.set_owner_if_different(path, file_args.get("owner"), changed, diff, expand)
        changed = self.set_group_if_different(path, file_args.get("group"), changed, diff, expand)
        changed = self.set_mode_if_different(path, file_args.get("mode"), changed, diff, expand)
        return self.set_attributes_if_different(path, file_args.get("attributes"), changed, diff, expand)

    set_directory_attributes_if_different = set_file_attributes_if_different = set_fs_attributes_if_different

    def set_attributes_if_different(self, path, attributes, changed, diff=None, expand=True):
        if attributes is None:
            return changed
        sign, letters = (attributes[0], attributes[1:]) if attributes[0] in "+-=" else ("=", attributes)
        now = set(self.get_file_attributes(path).get("attr_flags") or "")
        after = now | set(letters) if sign == "+" else now - set(letters) if sign == "-" else set(letters)
        if after == now:
            return changed
        if not self.check_mode:
            rc, out, err = self.run_command([self.get_bin_path("chattr", True), sign + letters, path])
            if rc:
                self.fail_json(path=path, msg="chattr failed", details=err or out)
        return True

    def get_file_attributes(self, path, include_version=True):
        program = self.get_bin_path("lsattr")
        if not program:
            return {}
        rc, out, _ = self.run_command([program, "-vd", path])
        words = out.split()
        if rc or len(words) < 2:
            return {}
        flags = words[1].replace("-", "")
        return {"attr_flags": flags, "version": words[0], "attributes": format_attributes(flags)}

    def add_path_info(self, kwargs):
        """Owner, mode and kind of the file a result is about."""
        path = kwargs.get("path", kwargs.get("dest"))
        if path is None or not os.path.lexists(path):
            return kwargs
        found = os.lstat(path)
        kwargs.update(uid=found.st_uid, gid=found.st_gid, size=found.st_size, mode="%04o" % stat.S_IMODE(found.st_mode))
        for key, look, number in (("owner", pwd.getpwuid, found.st_uid), ("group", grp.getgrgid, found.st_gid)):
            try:
                kwargs[key] = look(number)[0]
            except KeyError:
                kwargs[key] = str(number)
        kwargs["state"] = ("link" if os.path.islink(path) else "directory" if os.path.isdir(path)
                           else "hard" if found.st_nlink > 1 else "file")
        return kwargs

    def digest_from_file(self, filename, algorithm):
        """The file's checksum, None where there is no file."""
        if not os.path.exists(filename):
            return None
        if os.path.isdir(filename):
            self.fail_json(msg="attempted to take checksum of directory: %s" % filename)
        try:
            digest = algorithm if hasattr(algorithm, "hexdigest") else hashlib.new(algorithm)
        except ValueError:
            self.fail_json(msg="Could not hash file '%s' with algorithm '%s'. Available algorithms: %s"
                           % (filename, algorithm, ", ".join(AVAILABLE_HASH_ALGORITHMS)))
        with open(filename, "rb") as source:
            for chunk in iter(lambda: source.read(1 << 16), b""):
                digest.update(chunk)
        return digest.hexdigest()

    def sha1(self, filename):
        return self.digest_from_file(filename, "sha1")

    def sha256(self, filename):
        return self.digest_from_file(filename, "sha256")

    def md5(self, filename):
        return self.digest_from_file(filename, "md5")

    def backup_local(self, fn):
        """A copy of ``fn`` beside it, "" where there is no file."""
        if not os.path.exists(fn):
            return ""
        name = "%s.%s.%s" % (fn, os.getpid(), time.strftime("%Y-%m-%d@%H:%M:%S~", time.localtime()))
        try:
            self.preserved_copy(fn, name)
        except OSError as error:
            self.fail_json(msg="Could not make backup of %s to %s: %s" % (fn, name, error))
        return name

    def preserved_copy(self, src, dest):
        """A copy with owner, mode and times."""
        shutil.copy2(src, dest)
        found = os.stat(src)
        try:
            os.chown(dest, found.st_uid, found.st_gid)
        except PermissionError:
            pass

    def cleanup(self, tmpfile):
        if os.path.exists(tmpfile):
            try:
                os.unlink(tmpfile)
            except OSError as error:
                self.warn("could not remove %s: %s" % (tmpfile, error))

    def atomic_move(self, src, dest, unsafe_writes=False, keep_dest_attrs=True):
        """``src`` becomes ``dest`` in one step, with the owner and mode ``dest`` had."""
        src, dest = os.fsdecode(src), os.path.realpath(os.fsdecode(dest))
        try:
            before = os.stat(dest)
        except OSError:
            before = None
        handle, temporary = tempfile.mkstemp(prefix=".ansible_tmp", suffix=os.path.basename(dest)[-40:],
                                             dir=os.path.dirname(dest) or ".")
        os.close(handle)
        try:
            shutil.copy2(src, temporary)
            if before is not None and keep_dest_attrs:
                os.chmod(temporary, stat.S_IMODE(before.st_mode))
                if os.geteuid() == 0:
                    os.chown(temporary, before.st_uid, before.st_gid)
            elif before is None:
                mask = os.umask(0)
                os.umask(mask)
                os.chmod(temporary, 0o666 & ~mask)
                if os.geteuid() == 0:
                    os.chown(temporary, os.geteuid(), os.getegid())
            os.rename(temporary, dest)
            os.unlink(src)
        except OSError as error:
            self.cleanup(temporary)
            if unsafe_writes and before is not None:
                with open(src, "rb") as source, open(dest, "wb") as sink:
                    shutil.copyfileobj(source, sink)
                os.unlink(src)
                return
            self.fail_json(msg="Could not replace file: %s to %s: %s" % (src, dest, error))
