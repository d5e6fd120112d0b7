# Shared by deploy/demo, deploy/cluster and tests/run: output, installation, and the change of user.
# Sourced by bash with `set -euo pipefail`; $root is the checkout.

postgres_bin=/usr/lib/postgresql/15/bin

# Prints one aligned line: a name and its state.
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

# step NAME DONE LOG COMMAND...: runs the command with its output in LOG and prints the result. A
# terminal shows the seconds; a failure shows the end of the log.
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

# Prints the packages of these lists that are not installed, one per line.
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

# Keeps PostgreSQL's package from making a cluster, and every package from starting its service: none is
# needed here. Services that these packages bring do not start with the machine either.
install_quietly() {
    local rule=/etc/postgresql-common/createcluster.d/einlass.conf
    local policy=/usr/sbin/policy-rc.d made= status=0 services
    if [ ! -e "$policy" ]; then
        made=$policy
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    apt update &&
        apt install --no-install-recommends postgresql-common &&
        as_root mkdir -p "${rule%/*}" &&
        echo 'create_main_cluster = false' | as_root tee "$rule" >/dev/null &&
        apt install --no-install-recommends "$@" || status=$?
    as_root rm -f "$rule" ${made:+"$made"}
    if [ "$status" = 0 ] && [ -d /run/systemd/system ]; then
        mapfile -t services < <(dpkg -L "$@" | sed -n 's|^/lib/systemd/system/\([^@]*\.service\)$|\1|p')
        [ ${#services[@]} = 0 ] || as_root systemctl disable "${services[@]}"
    fi
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

# Runs a command as the user of PostgreSQL: this user, or `postgres` if this is root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid postgres --regid postgres --init-groups --reset-env -- "$@"
    else
        "$@"
    fi
}

# install_modules LOG: installs the npm packages of the tests in the current checkout. Not "npm ci": it
# needs optional packages for other platforms, which a registry may lack.
install_modules() {
    [ ! tests/node_modules/.package-lock.json -nt tests/package-lock.json ] || return 0
    step modules 'installed in %s' "$1" npm install --prefix tests --no-save --omit=optional \
        --no-audit --no-fund
}
