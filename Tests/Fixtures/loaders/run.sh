#!/bin/sh
# Runs the machine's sysctl loaders over sets of files, in private network and mount namespaces:
#
#   unshare -n -m sh run.sh FOLDER NETNS
#
# FOLDER holds `keys` (lines `PATH VALUE...`, the values before each run), and for each set a folder
# sets/N with etc, run, usr-lib, usr-local-lib. What a loader leaves goes to sets/N/LOADER: `PATH:VALUE` for
# each key, then `exit STATUS`. NETNS is the namespace that must not be touched.
set -u
folder=$1
[ "$(readlink /proc/self/ns/net)" != "$2" ] || { echo "not in a private namespace" >&2; exit 3; }

ip link set lo up
ip link add eth0.100 type veth peer name peer0 2>/dev/null
mount --bind /proc/sys /proc/sys && mount --bind /proc/sys/net /proc/sys/net &&
  mount -o remount,bind,ro /proc/sys || exit 3
mkdir -p /usr/local/lib/sysctl.d

put() { printf '%s\n' "$2" >"/proc/sys/$1" 2>/dev/null; }

reset() {
  # The range and the first free port bound each other.
  put net/ipv4/ip_unprivileged_port_start 0
  while read -r key value; do put "$key" "$value"; done <"$folder/keys"
}

alpine() {
  status=0
  for file in /lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf; do
    [ -f "$file" ] || continue
    name=${file##*/}
    [ -f "/etc/sysctl.d/$name" ] || [ -f "/run/sysctl.d/$name" ] || busybox sysctl -q -p "$file"
  done
  for file in /etc/sysctl.d/*.conf; do
    [ -f "$file" ] || continue
    [ -f "/run/sysctl.d/${file##*/}" ] || busybox sysctl -q -p "$file" || status=1
  done
  [ ! -f /etc/sysctl.conf ] || busybox sysctl -q -p /etc/sysctl.conf || status=1
  for file in /run/sysctl.d/*.conf; do
    [ -f "$file" ] || continue
    busybox sysctl -q -p "$file" || status=1
  done
  return $status
}

# read(1) takes a byte at a time, which ends a key of the kernel after the first one.
note() { # FILE STATUS
  (cd /proc/sys && grep -H '' $keys) >"$1"
  echo "exit $2" >>"$1"
}

keys=$(cut -d' ' -f1 "$folder/keys")
export LC_ALL=C
for set in "$folder"/sets/*; do
  mount --bind "$set/run" /run && mount --bind "$set/usr-lib" /usr/lib/sysctl.d &&
    mount --bind "$set/usr-local-lib" /usr/local/lib/sysctl.d && mount --bind "$set/etc" /etc ||
    exit 3
  reset
  timeout 2 sysctl --system >/dev/null 2>&1
  note "$set/procps" $?
  reset
  timeout 2 /lib/systemd/systemd-sysctl >/dev/null 2>&1
  note "$set/systemd" $?
  if command -v busybox >/dev/null; then
    reset
    alpine >/dev/null 2>&1
    note "$set/alpine" $?
  fi
  umount /etc /usr/local/lib/sysctl.d /usr/lib/sysctl.d /run
done
