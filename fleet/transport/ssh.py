"""SSH through Fabric: strict host keys, ssh_config, agent, keys, passwords, jump hosts; raw channels only.

Fabric connects and authenticates; programs run on channels of its transport, since its ``run`` decodes
text and starts threads. Its default policy accepts any host key and is replaced here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from typing import Any

import paramiko
from fabric import Config, Connection
from paramiko.hostkeys import HostKeyEntry

from fleet.errors import Unreachable
from fleet.transport.base import Channel, Executed, Target
from fleet.transport.known_hosts import KnownHosts

RECEIVE = 1 << 17
STUCK = 60.0
"""Seconds without progress after which sending counts as failed."""


# What paramiko logs is said by the errors it raises; without a handler it would go to the screen.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class Ssh:
    """What the connections of one run share: ssh_config, known hosts and keys, each read once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._building = threading.Lock()
        self._configs: dict[str | None, Config] = {}
        self._known: dict[tuple[str, ...], KnownHosts] = {}
        self._keys: dict[str, paramiko.PKey] = {}

    def connect(self, target: Target) -> SshConnection:
        """Open a connection. Raises Unreachable within the target's deadlines."""
        client = self._client(target, target.jump)
        started = time.monotonic()
        try:
            client.open()
        except Exception as error:
            with contextlib.suppress(Exception):
                client.close()
            raise Unreachable(explain(error, target, time.monotonic() - started), hint=_hint(error)) from None
        transport = client.transport
        with contextlib.suppress(OSError, AttributeError):
            transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return SshConnection(client, transport, target)

    def _client(self, target: Target, jump: tuple[str, ...]) -> Connection:
        config = self._config(target.ssh_config)
        gateway = self._gateway(target, jump, config)
        kwargs = self._kwargs(target)
        # A new Connection builds its configuration anew while others of the same one would read it.
        with self._building:
            client = Connection(
                target.address,
                user=target.user,
                port=target.port,
                config=config,
                gateway=gateway,
                connect_timeout=target.connect_timeout,
                connect_kwargs=kwargs,
            )
        known = self._known_hosts(target.known_hosts)
        host, port = client.host, int(client.port)
        entries = client.client.get_host_keys()
        for line in known.of(host, port):
            if line.marker == "@revoked":
                continue
            entry = HostKeyEntry.from_line(f"{_dialled(host, port)} {line.type} {line.key}")
            if entry is not None and entry.key is not None:
                entries.add(entry.hostnames[0], entry.key.get_name(), entry.key)
        client.client.set_missing_host_key_policy(_Policy(known, host, port, target.new_keys))
        return client

    def _gateway(self, target: Target, jump: tuple[str, ...], config: Config) -> Connection | str | None:
        if target.proxy_command:
            return target.proxy_command
        entry = config.base_ssh_config.lookup(target.address)
        if not jump and entry.get("proxyjump", "none").lower() != "none":
            jump = tuple(entry["proxyjump"].split(","))
        if not jump:
            command = entry.get("proxycommand", "none")
            return None if command.lower() == "none" else command
        user, _, rest = jump[-1].rpartition("@")
        host, _, port = rest.partition(":")
        hop = Target(
            name=host, address=host, port=int(port) if port else None, user=user or None,
            key_files=target.key_files, known_hosts=target.known_hosts, new_keys=target.new_keys,
            ssh_config=target.ssh_config, connect_timeout=target.connect_timeout, auth_timeout=target.auth_timeout,
        )  # fmt: skip
        return self._client(hop, jump[:-1])

    def _kwargs(self, target: Target) -> dict[str, Any]:
        made: dict[str, Any] = {
            "banner_timeout": target.connect_timeout,
            "auth_timeout": target.auth_timeout,
            "allow_agent": bool(os.environ.get("SSH_AUTH_SOCK")) and not target.identities_only,
            "look_for_keys": not target.key_files and not target.identities_only,
        }
        if target.password:
            made["password"] = target.password
        if target.key_files:
            made["pkey"] = self._key(target.key_files[0], target.passphrase)
            if len(target.key_files) > 1:
                made["key_filename"] = [os.path.expanduser(name) for name in target.key_files[1:]]
        return made

    def _key(self, name: str, passphrase: str | None) -> paramiko.PKey:
        path = os.path.expanduser(name)
        with self._lock:
            if path in self._keys:
                return self._keys[path]
            try:
                key = _load_key(path, passphrase)
            except (paramiko.PasswordRequiredException, TypeError):
                raise Unreachable(
                    f"the private key {path} is encrypted", hint="add it to ssh-agent: ssh-add " + path
                ) from None
            except OSError as error:
                raise Unreachable(f"cannot read the private key {path}: {error.strerror}") from None
            except Exception as error:
                raise Unreachable(f"cannot use the private key {path}: {error}") from None
            self._keys[path] = key
            return key

    def _config(self, path: str | None) -> Config:
        with self._lock:
            if path not in self._configs:
                self._configs[path] = Config(runtime_ssh_path=path) if path else Config()
            return self._configs[path]

    def _known_hosts(self, files: tuple[str, ...]) -> KnownHosts:
        with self._lock:
            if files not in self._known:
                self._known[files] = KnownHosts(files)
            return self._known[files]


def _load_key(path: str, passphrase: str | None) -> paramiko.PKey:
    if passphrase is None:
        return paramiko.PKey.from_path(path)
    error: Exception | None = None
    # PKey.from_path takes no text passphrase in paramiko 5.
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key_file(path, passphrase)
        except paramiko.SSHException as wrong:
            error = wrong
    raise error or paramiko.SSHException("unknown kind of key")


class _Policy(paramiko.MissingHostKeyPolicy):
    """A key that is not known yet: refused, or remembered where the user chose so."""

    def __init__(self, known: KnownHosts, host: str, port: int, new_keys: str) -> None:
        self.known, self.host, self.port, self.new_keys = known, host, port, new_keys

    def missing_host_key(self, client: Any, hostname: str, key: paramiko.PKey) -> None:
        others = self.known.of(self.host, self.port)
        if any(line.marker == "@revoked" and line.key == key.get_base64() for line in others):
            raise Unreachable(f"the host key of {self.host} is revoked")
        if any(line.type == key.get_name() for line in others):
            raise Unreachable(f"the host key of {self.host} has changed")
        if self.new_keys != "accept":
            raise Unreachable(
                f"the host key of {self.host} is not known ({key.get_name()} {key.fingerprint})",
                hint=f"check it, then: ssh-keyscan -p {self.port} {self.host} >> {self.known.files[0]}",
            )
        self.known.remember(self.host, self.port, key.get_name(), key.get_base64())


def _dialled(host: str, port: int) -> str:
    return host if port == 22 else f"[{host}]:{port}"


class SshConnection:
    """An open SSH connection. See transport.base.Connection."""

    def __init__(self, client: Connection, transport: paramiko.Transport, target: Target) -> None:
        self._client = client
        self._transport = transport
        self._target = target
        transport.set_keepalive(15)

    def open(self, command: str) -> Channel:
        return SshChannel(self._session(command, combine=True), self._target)

    def execute(self, command: str, stdin: bytes, timeout: float) -> Executed:
        channel = self._session(command, combine=False)
        deadline = time.monotonic() + timeout
        out, err = [], []
        try:
            channel.settimeout(timeout)
            if stdin:
                channel.sendall(stdin)
            channel.shutdown_write()
            channel.settimeout(0.2)
            while time.monotonic() < deadline:
                while channel.recv_stderr_ready():
                    err.append(channel.recv_stderr(RECEIVE))
                with contextlib.suppress(TimeoutError):
                    data = channel.recv(RECEIVE)
                    if not data:
                        break
                    out.append(data)
            else:
                raise TimeoutError(f"{command!r} did not end within {timeout:g} s")
            channel.settimeout(max(deadline - time.monotonic(), 0.1))
            while data := channel.recv_stderr(RECEIVE):
                err.append(data)
            code = channel.recv_exit_status()
        except (OSError, EOFError, paramiko.SSHException) as error:
            if isinstance(error, TimeoutError):
                raise
            raise Unreachable(explain(error, self._target, 0)) from None
        finally:
            channel.close()
        return Executed(code, b"".join(out), b"".join(err))

    def _session(self, command: str, combine: bool) -> paramiko.Channel:
        try:
            channel = self._transport.open_session(timeout=self._target.auth_timeout)
            channel.set_combine_stderr(combine)
            channel.exec_command(command)
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise Unreachable(explain(error, self._target, 0)) from None
        return channel

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._client.close()


class SshChannel:
    """A program on the other side. See transport.base.Channel."""

    def __init__(self, channel: paramiko.Channel, target: Target) -> None:
        self._channel = channel
        self._target = target

    def send(self, data: bytes) -> None:
        try:
            # The runner always reads; not getting rid of anything for this long means that it is gone.
            self._channel.settimeout(STUCK)
            self._channel.sendall(data)
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise Unreachable(f"connection to {self._target.name} lost: {error or 'closed'}") from None

    def receive(self, timeout: float) -> bytes:
        self._channel.settimeout(timeout)
        try:
            return self._channel.recv(RECEIVE)
        except TimeoutError:
            raise
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise Unreachable(f"connection to {self._target.name} lost: {error}") from None

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._channel.close()


def explain(error: BaseException, target: Target, seconds: float) -> str:
    """One line that says why ``target`` could not be reached."""
    where = f"{target.address}:{target.port or 22}"
    if isinstance(error, Unreachable):
        return error.what
    if isinstance(error, paramiko.BadHostKeyException):
        return (
            f"the host key of {target.address} has changed: expected {error.expected_key.fingerprint}, "
            f"got {error.key.fingerprint}; nothing was sent"
        )
    if isinstance(error, paramiko.AuthenticationException):
        tried = [name for name, given in (("key", target.key_files), ("password", target.password)) if given]
        return f"{target.user or 'user'}@{where}: permission denied ({', '.join(tried) or 'agent and default keys'})"
    if isinstance(error, socket.gaierror):
        return f"could not resolve {target.address}: {error.strerror}"
    if isinstance(error, TimeoutError | socket.timeout):
        return f"no connection to {where} within {target.connect_timeout:g} s"
    if isinstance(error, paramiko.ssh_exception.NoValidConnectionsError):
        causes = {str(getattr(cause, "strerror", None) or cause) for cause in error.errors.values()}
        return f"cannot connect to {where}: {', '.join(sorted(causes))}"
    # Paramiko says the second where its own wait for the banner ended first.
    if "protocol banner" in str(error) or "No existing session" in str(error):
        return f"{where} accepts connections but does not speak SSH (nothing within {max(seconds, 0):.0f} s)"
    return f"cannot connect to {where}: {str(error) or type(error).__name__}"


def _hint(error: BaseException) -> str:
    if isinstance(error, Unreachable):
        return error.hint
    if isinstance(error, paramiko.BadHostKeyException):
        return "find out why before you remove the old key with ssh-keygen -R"
    return ""
