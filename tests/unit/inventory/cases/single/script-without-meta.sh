#!/bin/sh
if [ "$1" = --list ]; then echo '{"web": {"hosts": ["h1", "h2"]}}'; else echo "{\"name\": \"$2\"}"; fi
