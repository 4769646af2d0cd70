# Every option of a program is in its page, and the page has no other.
. tests/lint/files.sh

bad=0
say()
{
	echo "$*"
	bad=1
}

# short FILE...: the letters that getopt is given
short()
{
	cat "$@" | tr '\n' ' ' | grep -Eo 'getopt(_long)?\([^;]*' |
	    grep -Eo '"[A-Za-z0-9:+-]+"' | tr -d '":+-' | sed 's/./& /g' |
	    tr ' ' '\n' | sort -u | grep .
}

# long FILE...: the names in its struct option tables
long()
{
	sed -n 's/^[[:space:]]*{[[:space:]]*"\([a-z][a-z-]*\)",[[:space:]]*\(no\|required\|optional\)_argument.*/\1/p' \
	    "$@" | sort -u
}

# rows_short FILE, rows_long FILE: the same, of a table with rows as
# { 'i', "interface", ...
rows_short()
{
	sed -n "s/^	{ '\(.\)', \"[a-z0-9-]*\",.*/\1/p; s/^	{ HELP,.*/h/p" \
	    "$1" | sort -u
}

rows_long()
{
	sed -n "s/^	{ [^,]*, \"\([a-z][a-z0-9-]*\)\",.*/\1/p" "$1" | sort -u
}

# page PROGRAM PAGE FILE...
page()
{
	_program=$1
	_page=$2
	shift 2
	[ -e "$_page" ] || { say "$_page is missing"; return; }
	compare "$(short "$@")" "$(long "$@")"
}

# compare LETTERS WORDS: with the page
compare()
{
	_short=$1
	_long=$2
	[ -n "$_short" ] || say "$_program: no options found"
	for _o in $_short; do
		# The parent's word to the collector that it starts.
		[ "$_program-$_o" != flowd-P ] || continue
		grep -Eq "(Fl|Op Fl) ([A-Za-z]*$_o|$_o)( |\$)" "$_page" ||
		    say "$_page: nothing about -$_o"
	done
	for _o in $_long; do
		grep -q -e "Fl Fl $_o" -e "Fl -$_o" -e ", -$_o" "$_page" ||
		    say "$_page: nothing about --$_o"
	done
	_said=$(grep -E '^\.It Fl' "$_page" | grep -Eo '(Fl (Fl |-)?|, -)[A-Za-z0-9][A-Za-z0-9-]*' |
	    sed 's/^, -/--/' |
	    sed 's/^Fl Fl /--/; s/^Fl -/--/; s/^Fl /-/')
	for _o in $_said; do
		case $_o in
		--*)	printf '%s\n' "$_long" | grep -qx -e "${_o#--}" ||
			    say "$_page: $_program has no $_o" ;;
		-?)	printf '%s\n' "$_short" | grep -qx -e "${_o#-}" ||
			    say "$_page: $_program has no $_o" ;;
		esac
	done
}

page flowd flowd.8 flowd.c
_program=flowd-reader
_page=flowd-reader.8
compare "$(rows_short reader-args.c)" "$(rows_long reader-args.c)"
_program=softflowd
_page=meter/softflowd.8
compare "$(rows_short meter/option.c)" "$(rows_long meter/option.c)"
exit $bad
