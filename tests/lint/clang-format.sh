# Every C file looks as clang-format 14 makes it look: the other versions
# disagree with it about details.
. tests/lint/files.sh

format=clang-format
command -v clang-format-14 >/dev/null 2>&1 && format=clang-format-14
need $format
case $($format --version) in
*' 14.'*) ;;
*)	echo "only clang-format 14 is asked; this is $($format --version)"
	exit 77 ;;
esac
# It must be able to say no.
printf 'int  x;\n' | $format --dry-run -Werror >/dev/null 2>&1 && {
	echo "$format finds nothing wrong with anything"
	exit 1
}
# A line for each file is enough: clang-format -i mends it.
files '*.c' '*.h' | xargs $format --dry-run -Werror 2>&1 |
    sed -n 's/^\([^ :]*\):\([0-9]*\):[0-9]*: error.*/\1 \2/p' |
    awk '!seen[$1]++ { print $1 ":" $2 ": not as clang-format has it" }
	END { exit NR > 0 }'
