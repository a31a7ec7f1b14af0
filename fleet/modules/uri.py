"""Ask a web service, and look at what it answers.

`src`, and the files of a multipart form, are on the controller unless `remote_src` is set. With `dest` the answer is
written to a file, in one step.
"""

import base64
import json
import os
import re
import tempfile
import time

from fleet.remote import files, forms
from fleet.remote.host import Failed
from fleet.remote.httpclient import URL_ARGS, ask
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        url=Arg(required=True, help="What to ask: http or https."),
        method=Arg(default="GET", help="The method: one word in capitals."),
        body=Arg("raw", help="What to send."),
        body_format=Arg(default="raw", choices=("form-urlencoded", "json", "raw", "form-multipart"),
                        help="How `body` is written; also says the Content-Type."),
        src=Arg("path", help="A file to send, instead of `body`."),
        remote_src=Arg("bool", False, help="`src` is on the host, not on the controller."),
        dest=Arg("path", help="File, or folder, to write the answer to."),
        return_content=Arg("bool", False, help="Give the answer's text as `content`."),
        status_code=Arg("list", [200], elements="int", help="The codes that mean success."),
        follow_redirects=Arg(default="safe", choices=("all", "no", "none", "safe", "urllib2", "yes"),
                             help="Which redirects are followed: all, none, or safe ones (GET and HEAD)."),
        creates=Arg("path", help="Nothing is asked when this is there."),
        removes=Arg("path", help="Nothing is asked when this is not there."),
        timeout=Arg("int", 30, help="Seconds the server may be silent."),
        ca_path=Arg("path", help="PEM file of the authorities to trust."),
        unix_socket=Arg("path", help="Socket to connect to instead of the URL's host."),
        force=Arg("bool", False, help="Ask caches on the way for a fresh answer."),
        url_username=Arg(aliases=("user",), help="Name to log in with."),
        url_password=Arg(aliases=("password",), no_log=True, help="Password to log in with."),
        **dict(URL_ARGS, headers=Arg("dict", {}, help="Headers to send along."))
    ),
    exclusive=(("body", "src"),),
    supports_check=False,
    returns={
        "status": "The server's code.",
        "msg": "What the server said.",
        "url": "The URL that answered.",
        "redirected": "Whether that is another one than was asked.",
        "content": "The answer's text, with `return_content` or after a failure.",
        "json": "The answer, where it is JSON.",
        "cookies": "Cookies the server set.",
        "cookies_string": "The same, as a header for the next request.",
        "elapsed": "Seconds it took.",
        "path": "The file written.",
    },
)

EXAMPLES = """
- name: The service is up
  uri: {url: "http://localhost:8080/health", return_content: true}
  register: health
- name: Make a thing
  uri:
    url: https://example.com/api/things
    method: POST
    body: {name: thing, size: 3}
    body_format: json
    status_code: [200, 201]
    headers: {X-Token: "{{ token }}"}
"""
MEANS = frozenset(["failed", "skipped", "unreachable", "rc", "exception", "warnings", "deprecations", "diff", "results",
                   "invocation", "content", "json", "body", "path", "add_host", "add_group"])
TYPES = {"json": "application/json", "form-urlencoded": "application/x-www-form-urlencoded"}
ENCODE = {"json": forms.as_json, "form-urlencoded": forms.urlencoded}


def run(host, args):
    """Ask once, judge by ``status_code``."""
    if args["creates"] and os.path.exists(args["creates"]):
        return _skipped("skipped, since '%s' exists" % args["creates"])
    if args["removes"] and not os.path.exists(args["removes"]):
        return _skipped("skipped, since '%s' does not exist" % args["removes"])
    method = args["method"].upper()
    if not re.match(r"^[A-Z]+$", method):
        raise Failed("Parameter 'method' needs to be a single word in uppercase, like GET or POST.")
    headers, data = body(host, args)
    begin = time.time()
    try:
        answer = ask(args["url"], args, host.environ(), data, headers, method, _age(args), args["follow_redirects"],
                     args["force"])
    except ValueError as error:
        raise Failed(str(error), url=args["url"], status=-1, elapsed=0, redirected=False)
    finally:
        if hasattr(data, "close"):
            data.close()
    try:
        return _judge(host, args, answer, begin)
    finally:
        answer.close()


def _skipped(text):
    return {"changed": False, "stdout": text, "stdout_lines": [text]}


def _age(args):
    """When the file that the answer goes to was written: an older answer is not needed."""
    dest = args["dest"]
    return os.path.getmtime(dest) if dest and not args["force"] and os.path.isfile(dest) else None


def body(host, args):
    """(headers, bytes or file or None) to send. Raises Failed."""
    headers = dict(args["headers"] or {})
    there = set(str(name).lower() for name in headers)
    kind = args["body_format"]
    if args.get("_content") is not None or args["src"] is not None:
        source = _source(host, args)
        headers.setdefault("Content-Length", os.fstat(source.fileno()).st_size)
        return headers, source
    if kind == "form-multipart":
        if not isinstance(args["body"], dict):
            raise Failed("body must be mapping, cannot be type %s" % type(args["body"]).__name__)
        headers = {name: value for name, value in headers.items() if str(name).lower() != "content-type"}
        headers["Content-Type"], data = forms.multipart(args["body"])
        return headers, data
    data = args["body"]
    if kind in ENCODE and data is not None:
        data = ENCODE[kind](data)
        if "content-type" not in there:
            headers["Content-Type"] = TYPES[kind]
    if data is None:
        return headers, None
    return headers, (data if isinstance(data, str) else forms.as_json(data)).encode("utf-8", "surrogateescape")


def _source(host, args):
    """The file to send, open; what comes from the controller waits in a file without a name."""
    content = args.get("_content")
    if content is None:
        try:
            return open(args["src"], "rb")
        except OSError as error:
            raise Failed("Unable to open source file %s: %s" % (args["src"], error.strerror), elapsed=0)
    waiting = tempfile.TemporaryFile()
    if content.get("text") is not None:
        waiting.write(content["text"].encode("utf-8", "surrogateescape"))
    elif content.get("data") is not None:
        waiting.write(base64.b64decode(content["data"]))
    else:
        for chunk in host.content(content["sha1"]):
            waiting.write(chunk)
    waiting.seek(0)
    return waiting


def _judge(host, args, answer, begin):
    told = {name.replace("-", "_"): value for name, value in answer.headers.items()}
    # A server must not be able to say what a result means to the play.
    told = {name: value for name, value in told.items() if name not in MEANS and not name.startswith(("ansible", "_"))}
    told.update(status=answer.status, msg=answer.msg, url=answer.url, changed=False, elapsed=int(time.time() - begin))
    told["redirected"] = answer.status != -1 and answer.url != args["url"]
    if answer.ok:
        told.update(cookies=answer.cookies,
                    cookies_string="; ".join("%s=%s" % pair for pair in answer.cookies.items()))
    if "location" in told:
        from urllib.parse import urljoin

        told["location"] = urljoin(answer.url, told["location"])
    good = answer.status in args["status_code"]
    try:
        if args["dest"] and answer.status == 304:
            told.update(files.describe(args["dest"]), path=args["dest"])
        if args["dest"] and good and answer.status != 304:
            text = _write(host, args, answer, told)
        else:
            text = _text(args, answer, told, good)
    except OSError as error:
        raise _failed("cannot read the answer of %s: %s" % (answer.url, error), told)
    told["elapsed"] = int(time.time() - begin)
    if text is not None and _is_json(told):
        try:
            told["json"] = json.loads(text)
        except ValueError:
            pass
    if text is not None and (args["return_content"] or not good):
        told["content"] = text
    elif text is not None and not answer.ok:
        told["body"] = text
    if not good:
        wanted = [int(code) for code in args["status_code"]]
        raise _failed("Status code was %s and not %s: %s" % (answer.status, wanted, answer.msg), told)
    return told


def _failed(msg, told):
    return Failed(msg, **{name: value for name, value in told.items() if name != "msg"})


def _is_json(told):
    kind = told.get("content_type", "").split(";")[0].strip().lower()
    return any(word in kind for word in ("json", "javascript"))


def _text(args, answer, told, good):
    """The answer as text where it is asked for; None otherwise."""
    if answer.status == -1 or not (args["return_content"] or _is_json(told) or not (good and answer.ok)):
        return None
    return _decoded(answer.read(), told)


def _decoded(data, told):
    found = re.search(r"charset=[\"']?([\w.:-]+)", told.get("content_type", ""))
    try:
        return data.decode(found.group(1) if found else "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _write(host, args, answer, told):
    """Put the answer into ``dest``; its text where that is asked for."""
    dest = args["dest"]
    if os.path.isdir(dest):
        from urllib.parse import unquote, urlsplit

        name = os.path.basename(unquote(urlsplit(answer.url).path))
        dest = os.path.join(dest, name if name not in ("", ".", "..") else "index.html")
    folder = os.path.dirname(dest) or "."
    if not os.path.isdir(folder):
        raise _failed("failed to write %s: the folder %s does not exist" % (dest, folder), told)
    before = files.checksum(dest) if os.path.isfile(dest) else None
    now = files.read_attributes(dest, True, args)
    wanted = files.want_attributes(args, now, path=dest)
    data = answer.read()
    told["changed"] = before != files.sha1(data) or any(now.get(name) != value for name, value in wanted.items())
    if before != files.sha1(data):
        files.write_atomic(dest, data, change=wanted, unsafe=args["unsafe_writes"])
    else:
        files.set_attributes(dest, wanted)
    told.update(files.describe(dest), path=dest)
    return _decoded(data, told) if args["return_content"] or _is_json(told) else None
