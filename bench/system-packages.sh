#!/bin/sh
# Installs the Debian packages that fleet's lab of disposable hosts needs, if any are missing. Says nothing if not.
set -eu

# tool or file : the package that brings it
NEEDED="
systemd-nspawn:systemd-container
debootstrap:debootstrap
nft:nftables
ip:iproute2
ssh-keygen:openssh-client
ssh:openssh-client
unshare:util-linux
/usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring
"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

missing=
for pair in $NEEDED; do
  what=${pair%:*} package=${pair##*:}
  case $what in
    /*) [ -e "$what" ] && continue ;;
    *) command -v "$what" >/dev/null && continue ;;
  esac
  case " $missing " in *" $package "*) ;; *) missing="$missing $package" ;; esac
done
missing=${missing# }
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "ERROR: this is no Debian; install what Debian calls: $missing" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "ERROR: the lab needs packages that only root can install: sudo apt-get install $missing" >&2
  exit 1
fi

echo "installing for the lab: $missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() { apt-get install --yes --quiet --no-install-recommends $missing >>"$log" 2>&1; }
# The package lists of a fresh machine are empty or old.
if ! install && ! { apt-get update --quiet >>"$log" 2>&1 && install; }; then
  tail -n 20 "$log" >&2
  echo "ERROR: apt-get could not install: $missing" >&2
  exit 1
fi
