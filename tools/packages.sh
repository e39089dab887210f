#!/bin/sh
# packages.sh PURPOSE...: installs what packages.txt lists for these purposes and is missing, with apt, with or without sudo.
# Where everything is there, nothing is done; where there is no apt, what is missing is named.
cd "$(dirname "$0")/.." || exit 1
wanted=
for purpose in "$@"; do
    wanted="$wanted $(awk -v purpose="$purpose" '!/^#/ && $2 == purpose { print $1 }' packages.txt)"
done
missing=
if command -v dpkg-query >/dev/null 2>&1; then
    for package in $wanted; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
else
    # Not a Debian system: what matters is whether the tools and headers are there, whatever their packages are called.
    for tool in gcc make flex bison python3; do
        case "$wanted " in *" $tool "*) command -v $tool >/dev/null 2>&1 || missing="$missing $tool" ;; esac
    done
    for pair in zlib.h:zlib1g-dev zip.h:libzip-dev utf8proc.h:libutf8proc-dev; do
        echo "#include <${pair%%:*}>" | gcc -E - >/dev/null 2>&1 || missing="$missing ${pair#*:}"
    done
fi
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "These seem to be missing (by their Debian names), and there is no apt here to install them:$missing" >&2
    exit 0
fi
sudo=
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1; then
        sudo=sudo
    else
        echo "Please install as root: apt-get install$missing" >&2
        exit 1
    fi
fi
echo "Installing with apt:$missing"
$sudo apt-get update -qq || exit 1
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null || exit 1
