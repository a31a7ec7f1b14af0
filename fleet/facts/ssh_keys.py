"""The public parts of the host's SSH keys."""

from fleet.remote import look

KINDS = ("dsa", "rsa", "ecdsa", "ed25519")
NAMES = tuple("ssh_host_key_%s_public%s" % (kind, suffix) for kind in KINDS for suffix in ("", "_keytype"))
SUBSETS = ("ssh_pub_keys", "ssh_host_pub_keys") + tuple("ssh_host_key_%s_public" % kind for kind in KINDS)
FOLDERS = ("/etc/ssh", "/etc/openssh", "/etc")


def collect(host):
    facts = {}
    for folder in FOLDERS:
        for kind in KINDS:
            words = look.text("%s/ssh_host_%s_key.pub" % (folder, kind)).split()
            if len(words) >= 2:
                facts["ssh_host_key_%s_public" % kind] = words[1]
                facts["ssh_host_key_%s_public_keytype" % kind] = words[0]
        if facts:
            break
    return facts
