#!/bin/bash
# Installs Synapse for the tests beside this script into .cache/synapse, with nothing outside the checkout changed.
# Needs Python 3 with its module "venv". Exits with 0 when Synapse is there, or when the package index cannot be
# reached (a file then tells the tests); with another status when anything else is wrong.
set -uo pipefail
cd "$(dirname "$0")/../.."

VERSION=1.160.0
VENV=.cache/synapse
UNREACHABLE=.cache/synapse-unreachable

mkdir -p .cache
rm -f "$UNREACHABLE"
"$VENV/bin/python" -c 'import synapse' 2>/dev/null && exit 0

python3 -m venv --clear "$VENV" || exit
"$VENV/bin/pip" install --quiet --disable-pip-version-check --retries 2 --timeout 20 "matrix-synapse==$VERSION" ||
  "$VENV/bin/pip" install --quiet --disable-pip-version-check --retries 2 --timeout 20 matrix-synapse
"$VENV/bin/python" -c 'import synapse' 2>/dev/null && exit 0

# pip words every failure alike: whether its index answers at all is what tells them apart.
answers() {
  "$VENV/bin/python" - "$1" 2>/dev/null <<'PROBE'
import sys, urllib.request
urllib.request.urlopen(sys.argv[1].rstrip('/') + '/matrix-synapse/', timeout=20)
PROBE
}
index=$("$VENV/bin/pip" config get global.index-url 2>/dev/null)
if answers "${PIP_INDEX_URL:-${index:-https://pypi.org/simple}}"; then
  echo 'Synapse could not be installed, though the Python package index answers' >&2
  exit 1
fi
echo 'Synapse could not be installed: the Python package index is unreachable'
touch "$UNREACHABLE"
