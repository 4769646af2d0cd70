# What the style page says never to write.
. tests/lint/files.sh

bad=0
own=$(files '*.c' '*.h')

# refuse WHY PATTERN FILES...
refuse()
{
	_why=$1
	_pattern=$2
	shift 2
	[ $# -gt 0 ] || return 0
	_hits=$(grep -EHn -e "$_pattern" "$@") || return 0
	printf '%s\n' "$_hits" | sed "s/\$/  <- $_why/"
	bad=1
}

# shellcheck disable=SC2086 # lists of files
{
refuse "has a safer relative" \
    '(^|[^_a-zA-Z0-9])(strcpy|strcat|sprintf|vsprintf|atoi|atol|atoll|strtok|gets|alloca|mktemp|tmpnam)[ ]*\(' $own
refuse "needs an issue number" '(\*|//).*(XXX|TODO|FIXME)($|[^A-Za-z#]|[^A-Za-z]($|[^#]))' $own
refuse "is no include of ours" '^#include "[^"]*\.c"' $own
refuse "hides a struct" '^typedef +(struct|union|enum)[^(]*$' $own
refuse "ends in blanks" '[ 	]+$' $own
}

# Conditions live in compat/ and sandbox/; include guards are none.
plain=$(echo "$own" | grep -Ev '^(compat|sandbox)/')
# shellcheck disable=SC2086
hits=$(awk '
    /^#[ \t]*(if|ifdef|elif|else)([^a-z]|$)/ {
	print FILENAME ":" FNR ": " $0 "  <- belongs in compat/ or sandbox/"
    }
    /^#[ \t]*ifndef/ {
	guard = toupper(FILENAME)
	gsub(/[^A-Z0-9]/, "_", guard)
	if (FILENAME !~ /\.h$/ || index(guard, $2) == 0)
		print FILENAME ":" FNR ": " $0 "  <- is no include guard"
    }' $plain)
[ -z "$hits" ] || {
	printf '%s\n' "$hits"
	bad=1
}

# Everything carries the licence.
for file in $own $(files '*.y' '*.l'); do
	grep -q 'The flowd authors' "$file" || {
		echo "$file:1: no licence"
		bad=1
	}
done
exit $bad
