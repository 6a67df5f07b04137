# Sourced by the scripts beside it: where the checkout is, how steps are told, what the machine offers.
# Every script runs under `set -eu`: a step that fails ends the run.

cd "$(dirname "$0")/.."
ROOT=$(pwd)
PATH=$PATH:/usr/sbin:/sbin
export PATH

say() { printf '==> %s\n' "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
fail() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }
has() { command -v "$1" >/dev/null 2>&1; }

# The words "sudo apt-get install ..." or the system's own way, for messages.
install_words() {
  if has apt-get; then
    if is_root; then echo "apt-get install -y $*"; else echo "sudo apt-get install -y $*"; fi
  else
    echo "your system's package manager for: $*"
  fi
}

# Installs Debian packages when we may. Fails, without ending the run, when we may not or it does not work.
apt_install() {
  if ! is_root || ! has apt-get; then return 1; fi
  note "installing $* (apt-get)"
  if DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$LOGS/apt.log" 2>&1; then
    return 0
  fi
  note "refreshing the list of packages"
  DEBIAN_FRONTEND=noninteractive apt-get update >>"$LOGS/apt.log" 2>&1 || return 1
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$LOGS/apt.log" 2>&1
}

prepare_folders() {
  LOGS=$ROOT/.data/logs
  if ! mkdir -p "$LOGS" 2>/dev/null || [ ! -w "$LOGS" ]; then
    fail "The folder $ROOT cannot be written to. Start as the user who owns it, or clone it to a folder of yours."
  fi
  chmod o+x "$ROOT/.data" 2>/dev/null || note "the folder .data belongs to another user"
}

# Plans and minutes as PDF need Pango and one font.
PDF_PACKAGES="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-liberation"
pdf_works() {
  "$ROOT/.venv/bin/python" -c 'import weasyprint' >/dev/null 2>&1 &&
    { ! has fc-list || [ -n "$(fc-list 2>/dev/null | head -n 1)" ]; }
}
pdf_words() { if has brew; then echo "brew install pango"; else install_words "$PDF_PACKAGES"; fi; }
install_pdf() {
  say "Pango, which makes the PDFs, is missing"
  # shellcheck disable=SC2086 - a list of packages
  apt_install $PDF_PACKAGES
}
