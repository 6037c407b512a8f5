# Sourced by every start: the options that all have, and how what they need is installed.
# Sets `here` (the folder of the start), `port`, `host` and `install`; `usage` is printed for an unknown option.

targets=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
port=8002
host=127.0.0.1
install=
usage="usage: start [--port N] [--host ADDRESS] [--install]"

wrong_use() {
  echo "$usage" >&2
  exit 2
}

# The value of an option that wants one: `value_of "$@"` with the option first.
value_of() {
  [[ ${2:-} ]] || { echo "start: $1 wants a value" >&2; wrong_use; }
  printf '%s' "$2"
}

# The same for one that wants a whole number from 1 on.
number_of() {
  local value
  value=$(value_of "$@") || exit 2
  [[ $value =~ ^[1-9][0-9]{0,5}$ ]] || { echo "start: $1 wants a whole number, found $value" >&2; wrong_use; }
  printf '%s' "$value"
}

# Two starts at once must not both install. The lock is on the folder itself: it leaves no file behind.
lock() {
  exec 9<"$here"
  if command -v flock >/dev/null; then flock 9; fi
}

unlock() { exec 9<&-; }

# Makes .venv in the folder: on the first start, and after requirements.txt or the Python has changed.
make_venv() {
  local python=${PYTHON:-python3} stamp
  if ! "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    echo "start: wants python3 from 3.10 on with the module venv (Debian: apt-get install python3-venv)" >&2
    exit 1
  fi
  lock
  stamp=$("$python" -VV; cat "$here/requirements.txt")
  if [[ $(cat "$here/.venv/stamp" 2>/dev/null || true) != "$stamp" ]]; then
    echo "start: making .venv and installing requirements.txt into it" >&2
    rm -rf "$here/.venv"
    "$python" -m venv "$here/.venv"
    "$here/.venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
      --requirement "$here/requirements.txt" >&2
    printf '%s\n' "$stamp" >"$here/.venv/stamp"
  fi
  unlock
  # Where workload.py is.
  export PYTHONPATH=$targets
}

# With --install, a start ends here.
installed() { if [[ $install ]]; then exit 0; fi; }

# One descriptor a stream, and the usual soft limit of 1024 is below the 3000 users of the workload.
raise_descriptors() { ulimit -Sn "$(ulimit -Hn)" 2>/dev/null || true; }
