# What the tree has of a kind: sourced by the checks, and a check itself that
# there is something to check.
#
# shellcheck shell=sh

# files PATTERN...: tracked and new ones, not what is made
files()
{
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -co --exclude-standard -- "$@" | sort -u |
		    while read -r file; do
			[ ! -e "$file" ] || echo "$file"
		done
	else
		for pattern in "$@"; do
			find . -name build -prune -o -type f \
			    -name "${pattern##*/}" -print
		done | sed 's,^\./,,' | grep -v '^parse\.[ch]$' | sort -u
	fi
}

# need TOOL: or the check is skipped
need()
{
	command -v "$1" >/dev/null 2>&1 || {
		echo "there is no $1 here"
		exit 77
	}
}

# none COMMAND...: fails if it prints something
none()
{
	found=$("$@")
	[ -z "$found" ] || {
		printf '%s\n' "$found"
		return 1
	}
}

n=$(files '*.c' '*.h' | wc -l)
[ "$n" -gt 20 ] || {
	echo "only $n C files found: nothing would be checked"
	exit 1
}
