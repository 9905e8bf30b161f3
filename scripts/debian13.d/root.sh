# Makes and enters Debian 13 roots by debootstrap; to be sourced.

# debootstrap and chroot are the administrator's, whose PATH a plain su does not give.
PATH=$PATH:/usr/sbin:/sbin

# make_root ROOT PACKAGES: a root with these packages (separated by commas) unless it is there.
# Where that cannot be, prints why, and returns 1.
make_root() {
    local root=$1 packages=$2 reason
    if [ "$(id -u)" -ne 0 ]; then
        echo "only root can make and enter a Debian 13 root"
        return 1
    fi
    if [ "$(cat "$root/.complete" 2>/dev/null)" != "$packages" ]; then
        if ! command -v debootstrap >/dev/null; then
            echo "debootstrap is not installed"
            return 1
        fi
        if [ ! -e /usr/share/debootstrap/scripts/trixie ]; then
            echo "this debootstrap does not know Debian 13"
            return 1
        fi
        rm -rf "$root"
        mkdir -p "$root"
        if ! debootstrap --variant=minbase --include="$packages" trixie "$root" \
            "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$root.log" 2>&1; then
            reason=$(grep -E '^(E|W):' "$root.log" | tail -n 1)
            rm -rf "$root"
            echo "debootstrap made no root (${reason:-see $root.log})"
            return 1
        fi
        printf %s "$packages" >"$root/.complete"
    fi
    if ! (exec_in_root "$root" "" true) 2>/dev/null; then
        echo "the Debian 13 root cannot be entered (unshare, mount, chroot)"
        return 1
    fi
}

# exec_in_root ROOT LIBRARIES COMMAND…: becomes a program in the root, which looks for libraries
# there first. Its /proc, where Swift finds the arguments, is seen by nobody else. Each step
# replaces the one before, so that the process has the number of the job.
exec_in_root() {
    local root=$1 libraries=$2
    local enter='mount -t proc proc "$0/proc" &&
        exec chroot "$0" env LD_LIBRARY_PATH="$LIBRARIES" "$@"'
    shift 2
    LIBRARIES=$libraries exec unshare --mount sh -c "$enter" "$root" "$@"
}
