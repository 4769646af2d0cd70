# Functions end before line 100 and files before line 900.  Above 60 and 600
# they are listed, which is no failure.
. tests/lint/files.sh

# shellcheck disable=SC2016 # awk's own
files '*.c' | xargs awk '
    FNR == 1 { if (file != "") end_file(); file = FILENAME; open = 0 }
    { lines = FNR }
    /^{$/ { open = FNR; name = last; sub(/\(.*/, "", name) }
    /^}$/ && open {
	len = FNR - open - 1
	if (len > 100) {
		print file ":" open ": " name " has " len " lines"
		bad = 1
	} else if (len > 60)
		print file ":" open ": " name " has " len " lines, look again"
	open = 0
    }
    !/^[ \t{]/ { last = $0 }
    function end_file() {
	if (lines > 900) {
		print file ": " lines " lines"
		bad = 1
	} else if (lines > 600)
		print file ": " lines " lines, split it one day"
    }
    END { end_file(); exit bad }'
