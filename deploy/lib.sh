# Shared by deploy/demo, deploy/cluster and tests/run: how they speak, install and step down.
# Sourced by bash with `set -euo pipefail`; $root is the checkout.

postgres_bin=/usr/lib/postgresql/15/bin

# One aligned line: what, and how it stands.
say() {
    printf '  %-12s %s\n' "$1" "$2"
}

die() {
    printf '%s\n' "$1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# step NAME DONE LOG COMMAND...: runs the command with its output in LOG and says how it went. A
# terminal sees the seconds pass; a failure shows the end of the log.
step() {
    local name=$1 done=$2 log=$3 started=$SECONDS pid status=0
    shift 3
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    if [ -t 1 ]; then
        while kill -0 "$pid" 2>/dev/null; do
            printf '\r  %-12s %s s ' "$name" $((SECONDS - started))
            sleep 0.2
        done
        printf '\r\033[K'
    fi
    wait "$pid" || status=$?
    if [ "$status" != 0 ]; then
        say "$name" "failed; the end of $log:"
        tail -n 30 "$log" | sed 's/^/    /' >&2
        return "$status"
    fi
    say "$name" "${done//%s/$((SECONDS - started)) s}"
}

# The packages of these lists that are not there yet, one a line.
missing_packages() {
    local package command installed
    installed=$(dpkg-query -W -f '${binary:Package} ${db:Status-Status}\n' |
        sed -n 's/^\([^ :]*\)[^ ]* installed$/\1/p')
    cat "$@" | while read -r package command; do
        case $package in '' | '#'*) continue ;; esac
        if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
        grep -qxF -- "$package" <<<"$installed" || printf '%s\n' "$package"
    done
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o Dpkg::Use-Pty=0 "$@"
}

# PostgreSQL's package makes and starts a cluster when it is installed; nobody here needs it.
install_quietly() {
    local rule=/etc/postgresql-common/createcluster.d/einlass.conf
    local status=0
    apt update &&
        apt install --no-install-recommends postgresql-common &&
        as_root mkdir -p "${rule%/*}" &&
        echo 'create_main_cluster = false' | as_root tee "$rule" >/dev/null &&
        apt install --no-install-recommends "$@" || status=$?
    as_root rm -f "$rule"
    return "$status"
}

# install_packages LOG LIST...
install_packages() {
    local log=$1 packages
    shift
    mapfile -t packages < <(missing_packages "$@")
    if [ ${#packages[@]} = 0 ]; then
        say packages 'all there'
        return
    fi
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            die "Missing packages, and no sudo to install them: ${packages[*]}"
        sudo -v || die 'Installing packages needs root or sudo.'
    fi
    step packages "${#packages[@]} installed in %s" "$log" install_quietly "${packages[@]}"
}

# Runs a command as the user PostgreSQL runs as: us, or `postgres` where we are root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid postgres --regid postgres --init-groups --reset-env -- "$@"
    else
        "$@"
    fi
}

# install_modules LOG: the npm packages of the tests, in the checkout we stand in. Not "npm ci": it
# insists on optional parts for other machines that a registry may not have.
install_modules() {
    [ ! tests/node_modules/.package-lock.json -nt tests/package-lock.json ] || return 0
    step modules 'installed in %s' "$1" npm install --prefix tests --no-save --omit=optional \
        --no-audit --no-fund
}
