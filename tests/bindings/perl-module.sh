# The Perl module Flowd: bindings/perl/t, each test under its own name.
. "${0%/*}/../lib.sh"
. "$TOP/tests/python.sh"

perl_dir=$BUILD/bindings/perl
[ -e "$perl_dir/blib/arch/auto/Flowd/Flowd.so" ] ||
    skip_all "make perl was not done, or could not be: it needs libperl-dev"

# perl does not know of the sanitizers either.
python_sanitized

# Each line of TAP that a file prints, as one of ours; and how it ended.
tell()
{
	while read -r line; do
		case $line in
		"ok "*"# skip "*|"ok "*"# SKIP "*)
			skip "$1: ${line#ok * - }" "there" ;;
		"ok "*)	ok "$1: ${line#ok * - }" true ;;
		"not ok "*)
			ok "$1: ${line#not ok * - }" cat "$WORK/$1.err" ;;
		"1..0 # SKIP"*)
			skip "$1" "${line#*SKIP }" ;;
		esac
	done <"$WORK/$1.out"
}

for t in "$TOP"/bindings/perl/t/*.t; do
	name=${t##*/}
	name=${name%.t}
	ended=0
	# There they may leave files of any name.
	(cd "$WORK" && perl "-Mblib=$perl_dir/blib" "$t" >"$WORK/$name.out" \
	    2>"$WORK/$name.err" </dev/null) || ended=$?
	tell "$name"
	is "$name: ended well" "$ended" 0
done

done_testing
