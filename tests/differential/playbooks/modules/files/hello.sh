#!/bin/sh
echo "hello $*"
[ "$1" != fail ] || { echo no >&2; exit 4; }
