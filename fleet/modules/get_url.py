"""Download a file to the host.

Nothing is asked when the file is there with the right `checksum`. Otherwise the server is told how old the file is,
and answers only with something newer. The file is replaced in one step, after its checksum was found right.
"""

import os
import re
import tempfile
import time

from fleet.remote import checksums, files, temporary
from fleet.remote.host import Failed
from fleet.remote.httpclient import URL_ARGS, ask
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        url=Arg(required=True, help="Where the file is: http, https or ftp, maybe with a login in it."),
        dest=Arg("path", required=True, help="Where it goes; in a folder it gets the name the server or the URL gives."),
        checksum=Arg(default="", help="`sha256:` (or another algorithm) and the sum, or the URL of a list of sums."),
        force=Arg("bool", False, help="Ask for the file even if the one that is there is as new."),
        backup=Arg("bool", False, help="Keep the replaced file under a name with the time."),
        tmp_dest=Arg("path", help="Folder to download to before the file goes to `dest`."),
        timeout=Arg("int", 10, help="Seconds the server may be silent."),
        url_username=Arg(aliases=("username",), help="Name to log in with."),
        url_password=Arg(aliases=("password",), no_log=True, help="Password to log in with."),
        **URL_ARGS
    ),
    returns={
        "url": "The URL asked.",
        "dest": "The file.",
        "src": "The temporary file it came from.",
        "msg": "What the server said.",
        "status_code": "The server's code.",
        "checksum_src": "SHA1 of what was downloaded.",
        "checksum_dest": "SHA1 of the file before.",
        "md5sum": "MD5 of the file.",
        "elapsed": "Seconds the download took.",
        "backup_file": "Name of the backup, when one was made.",
    },
)

EXAMPLES = """
- name: A program, checked
  get_url:
    url: https://example.com/tool-1.2.tar.gz
    dest: /opt/tool-1.2.tar.gz
    checksum: sha256:https://example.com/SHA256SUMS
    mode: '0644'
- name: A page behind a login, newer than the one we have
  get_url: {url: "https://example.com/list", dest: /srv/list, url_username: me, url_password: "{{ secret }}"}
"""


def run(host, args):
    """Look, ask, check, replace. A failure says as well what is there."""
    told = {"url": args["url"], "dest": args["dest"], "elapsed": 0}
    try:
        return _run(host, args, told)
    except Failed as error:
        there = files.describe(told["dest"]) if os.path.exists(told["dest"]) else {}
        error.result = dict(told, **dict(there, **error.result))
        raise


def _run(host, args, told):
    url, dest = args["url"], args["dest"]
    into_folder = os.path.isdir(dest)
    expected = _expected(host, args)
    differs = False
    if not into_folder and os.path.exists(dest) and expected and not args["force"]:
        if checksums.of_file(dest, expected[0]) == expected[1]:
            told.update(msg="file already exists", checksum_src=None, checksum_dest=None)
            result = _attributes(host, args, told, False)
            return dict(result, msg="file already exists but file attributes changed") if result["changed"] else result
        differs = True
    folder = dest if into_folder else os.path.dirname(dest.rstrip("/")) or "."
    if not os.path.isdir(folder) or (dest.endswith("/") and not into_folder):
        raise Failed("Destination %s does not exist" % (dest.rstrip("/") if dest.endswith("/") else folder))
    since = None
    if not (into_folder or args["force"] or differs) and os.path.exists(dest):
        since = os.path.getmtime(dest)
    answer = request(host, args, url, told, since, "HEAD" if host.check else "GET")
    if answer.status == 304:
        answer.close()
        return _attributes(host, args, dict(told, msg=answer.msg, status_code=304), False)
    try:
        if into_folder:
            told["dest"] = os.path.join(dest, file_name(answer))
        return _pretend(host, args, told, answer) if host.check else _bring(host, args, told, answer, folder, expected)
    finally:
        answer.close()


def request(host, args, url, told, since=None, method="GET"):
    """The server's answer when there is one to use. Raises Failed."""
    begin = time.time()
    try:
        answer = ask(url, args, host.environ(), headers=args["headers"], method=method, since=since,
                     no_cache=args["force"])
    except ValueError as error:
        raise Failed(str(error))
    told["elapsed"] = int(time.time() - begin)
    if answer.ok or answer.status == 304:
        return answer
    answer.close()
    if answer.status == -1:
        raise Failed(answer.msg)
    raise Failed("Request failed", status_code=answer.status, response=answer.msg, url=url)


def _expected(host, args):
    """(algorithm, sum) that the file has to have, or None."""
    try:
        expected = checksums.parse(args["checksum"])
        if expected and expected[1].startswith(checksums.URL):
            expected = (expected[0], _listed(host, args, expected[1]))
    except Failed as error:
        if "response" not in error.result:
            error.result.update(checksum_src=None, checksum_dest=None)
        raise
    return expected


def _listed(host, args, url):
    """The sum that a list on the net has for the file."""
    from urllib.parse import unquote, urlsplit

    answer = request(host, args, url, {})
    name = unquote(os.path.basename(urlsplit(args["url"]).path))
    try:
        found = checksums.listed(answer.read().decode("utf-8", "replace"), name)
    except OSError as error:
        raise Failed("cannot read %s: %s" % (url, error))
    finally:
        answer.close()
    if found is None:
        raise Failed("Unable to find a checksum for file '%s' in '%s'" % (name, url))
    return found


def file_name(answer):
    """What the server calls the file, or the end of the URL. Never a path: the server does not choose the folder."""
    from email.message import Message
    from urllib.parse import unquote, urlsplit

    header = Message()
    header["Content-Disposition"] = answer.headers.get("content-disposition", "")
    given = os.path.basename((header.get_filename() or "").replace("\\", "/"))
    name = given or unquote(os.path.basename(urlsplit(answer.url).path))
    name = re.sub(r"[\x00/]", "", name)
    return name if name not in ("", ".", "..") else "index.html"


def _pretend(host, args, told, answer):
    """Check mode: the server was asked whether it has the file, the content stays there."""
    there = os.path.isfile(told["dest"])
    told.update(msg=answer.msg, status_code=answer.status, checksum_src=None,
                checksum_dest=files.checksum(told["dest"]) if there else None)
    return _attributes(host, args, told, True)


def _bring(host, args, told, answer, folder, expected):
    dest = told["dest"]
    if os.path.isdir(dest):
        raise Failed("cannot write %s: a directory of that name is there" % dest)
    told["checksum_dest"] = _sum(dest, told) if os.path.exists(dest) else None
    place = _place(args["tmp_dest"], dest)
    try:
        _download(place, answer, told)
        told.update(src=place.path, checksum_src=files.checksum(place.path))
        if expected:
            found = checksums.of_file(place.path, expected[0])
            if found != expected[1]:
                raise Failed("The checksum for %s did not match %s; it was %s." % (place.path, expected[1], found))
        changed = told["checksum_src"] != told["checksum_dest"]
        if changed:
            if args["backup"] and os.path.exists(dest):
                told["backup_file"] = files.backup(dest)
            now = files.read_attributes(dest, True, args)
            wanted = files.want_attributes(args, now, path=dest)
            files.write_atomic(dest, _pieces(place.path), change=wanted, unsafe=args["unsafe_writes"])
    finally:
        place.clear()
    told.update(msg=answer.msg, status_code=answer.status, md5sum=_md5(dest))
    return _attributes(host, args, told, changed)


def _place(folder, dest):
    """A temporary file for what is to become ``dest``."""
    if folder and not os.path.isdir(folder):
        raise Failed("%s is a file but should be a directory." % folder if os.path.exists(folder)
                     else "%s directory does not exist." % folder)
    try:
        return temporary.Place(dest, above=folder or tempfile.gettempdir())
    except OSError as error:
        raise Failed("cannot make a temporary file: %s" % error.strerror)


def _download(place, answer, told):
    begin = time.time()
    try:
        with os.fdopen(os.dup(place.handle), "wb") as sink:
            for chunk in answer.chunks():
                sink.write(chunk)
    except OSError as error:
        raise Failed("failed to download %s: %s" % (told["url"], error), status_code=answer.status)
    told["elapsed"] += int(time.time() - begin)


def _pieces(path):
    with open(path, "rb") as source:
        for chunk in iter(lambda: source.read(1 << 20), b""):
            yield chunk


def _sum(path, told):
    try:
        return files.checksum(path)
    except OSError as error:
        raise Failed("cannot read %s: %s" % (path, error.strerror))


def _md5(path):
    try:
        return files.checksum(path, "md5")
    except (OSError, ValueError):  # no MD5 on a FIPS host
        return None


def _attributes(host, args, told, changed):
    """Owner and mode as asked; the result."""
    from fleet.remote.state import difference

    dest = told["dest"]
    if os.path.exists(dest):
        now = files.read_attributes(dest, True, args)
        change = difference(now, files.want_attributes(args, now, path=dest))
        if change:
            changed = True
            if not host.check:
                files.set_attributes(dest, change)
        told.update(files.describe(dest))
    return dict(told, changed=changed)
