# Every option of the programs in tools/ is in its page, and the page has no
# other.
. tests/lint/files.sh

# options FILE...: of add_argument in Python
options()
{
	cat "$@" | tr '\n' ' ' | grep -Eo 'add_argument\( *("-[^)]*)' |
	    grep -Eo '"--?[A-Za-z][a-z-]*"' | tr -d '"'
}

bad=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
for page in tools/*.1; do
	name=${page##*/flowd-}
	name=${name%.1}
	source=tools/flowdtools/$name.py
	{
		options "$source"
		printf '%s\n' -h --help --version
		! grep -q 'add_selection' "$source" ||
		    printf '%s\n' --filter --since --until
		! grep -q 'add_utc' "$source" || printf '%s\n' -u -U --utc
	} | sort -u >"$work/options"
	grep '^\.It Fl' "$page" | grep -Eo '(Fl|,) (Fl )?-?[A-Za-z][A-Za-z-]*' |
	    sed 's/^Fl Fl /Fl -/; s/^Fl /-/; s/^, Fl /-/; s/^, /-/' |
	    sort -u >"$work/said"
	diff "$work/options" "$work/said" >"$work/diff" || {
		sed -n "s,^<,$page: nothing about,p
		    s,^>,$page: there is no,p" "$work/diff"
		bad=1
	}
done
exit $bad
