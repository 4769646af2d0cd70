# What a build and its tests need, by system.  Sourced by script/demo and
# script/test, which say what they want of it:
#
#	install_packages build		what ./configure and make need
#	install_packages test		that, and what the tests need
#
# On Debian and Ubuntu what is missing is installed, by root or sudo; on other
# systems it is named, and the caller ends unless everything is there.
#
# shellcheck shell=sh

have()
{
	command -v "$1" >/dev/null 2>&1
}

# Debian's names; each with what shows that it is there.
debian_build="gcc libc6-dev make autoconf byacc pkg-config zlib1g-dev
    libpcap-dev libbsd-dev libseccomp-dev libdeflate-dev
    libzstd-dev libssl-dev"
debian_test="$debian_build perl libperl-dev libcmocka-dev procps util-linux gzip
    git python3 python3-dev python3-venv"
# Real peers: their packages start services, so a person's machine is spared.
[ -z "${CI:-}" ] || debian_test="$debian_test softflowd nfdump pmacct fprobe
    openvswitch-switch tcpdump tshark iproute2 iperf3 curl iputils-ping
    rrdtool postgresql python3-psycopg2"

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		echo "this needs root or sudo: $*" >&2
		return 1
	fi
}

# missing PACKAGE...: those that dpkg does not know as installed
missing_debian()
{
	for _package in "$@"; do
		# pkg-config is a name of pkgconf where that replaced it.
		dpkg-query -W -f '${Status}\n' "$_package" 2>/dev/null |
		    grep -q '^install ok installed' ||
		    { [ "$_package" = pkg-config ] && have pkg-config; } ||
		    echo "$_package"
	done
}

install_debian()
{
	# shellcheck disable=SC2046,SC2086 # lists
	set -- $(missing_debian $1)
	[ $# -gt 0 ] || return 0
	echo "Installing: $*"
	apt_log=$(mktemp) || return 1
	# Lists that are a day old are new enough, if the packages are there.
	if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends "$@" >"$apt_log" 2>&1; then
		{
			as_root apt-get update -qq &&
			as_root env DEBIAN_FRONTEND=noninteractive \
			    apt-get install -y -qq --no-install-recommends "$@"
		} >"$apt_log" 2>&1 || {
			cat "$apt_log" >&2
			echo "could not install: $*" >&2
			rm -f "$apt_log"
			return 1
		}
	fi
	rm -f "$apt_log"
}

# What to type elsewhere.
name_packages()
{
	case $(uname -s) in
	Linux)	if have dnf; then
			echo "Fedora: dnf install gcc make autoconf byacc pkgconf zlib-devel libpcap-devel libbsd-devel libseccomp-devel libdeflate-devel libzstd-devel openssl-devel libcmocka-devel perl-Test-Harness perl-devel perl-ExtUtils-MakeMaker"
		elif have apk; then
			echo "Alpine: apk add gcc musl-dev linux-headers make autoconf byacc pkgconf zlib-dev libpcap-dev libbsd-dev libseccomp-dev libdeflate-dev zstd-dev openssl-dev cmocka-dev perl-utils perl-dev procps setpriv"
		elif have pacman; then
			echo "Arch: pacman -S gcc make autoconf byacc pkgconf zlib libpcap libbsd libseccomp libdeflate zstd openssl cmocka perl"
		else
			echo "a C compiler, make, autoconf, yacc, zlib, libpcap, libbsd, libseccomp, libdeflate, zstd, cmocka, perl"
		fi ;;
	FreeBSD)
		echo "FreeBSD: pkg install autoconf pkgconf libdeflate zstd cmocka perl5" ;;
	OpenBSD)
		echo "OpenBSD: pkg_add autoconf-2.72p0 libdeflate zstd cmocka (and export AUTOCONF_VERSION=2.72)" ;;
	NetBSD)
		echo "NetBSD: pkgin install autoconf libdeflate zstd cmocka perl" ;;
	Darwin)	echo "macOS: xcode-select --install; brew install autoconf libbsd libdeflate zstd cmocka" ;;
	*)	echo "a C compiler, make, autoconf, yacc, zlib, libpcap, cmocka, perl" ;;
	esac
}

# Elsewhere: is what the build starts with there?  configure finds the rest.
check_tools()
{
	_lack=
	for _tool in "$@"; do
		have "$_tool" || _lack="$_lack $_tool"
	done
	have byacc || have yacc || have bison || _lack="$_lack yacc"
	[ -n "$_lack" ] || return 0
	{
		echo "not found:$_lack"
		echo "Install what is missing:"
		echo "  $(name_packages)"
	} >&2
	return 1
}

install_packages()
{
	if have apt-get && have dpkg-query; then
		case $1 in
		build)	install_debian "$debian_build" ;;
		test)	install_debian "$debian_test" ;;
		esac
		return
	fi
	case $1 in
	build)	check_tools cc make autoconf ;;
	test)	check_tools cc make autoconf perl ;;
	esac
}

# newer A B: A is newer than B, or there is no B
newer()
{
	[ ! -e "$2" ] || [ -n "$(find "$1" -newer "$2")" ]
}

# configure_tree [OPTION...]: ./configure, made first if it is missing, unless
# that has been done already
configure_tree()
{
	if newer configure.ac configure; then
		autoconf || return 1
	fi
	if newer configure.ac config.h.in; then
		autoheader || return 1
	fi
	if [ $# -eq 0 ] && ! newer configure config.mk; then
		return 0
	fi
	./configure --quiet "$@" || {
		{
			echo "configure did not find what it needs.  Install:"
			echo "  $(name_packages)"
		} >&2
		return 1
	}
}

processors()
{
	getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2
}
