# Collectors of what softflowd sends, which understand it.  Sourced behind
# meter.sh.
# shellcheck shell=sh

# collector NAME ARGUMENT...: collect.py; what it says is in $WORK/NAME.  Sets
# BG_PID.
collector()
{
	_out=$WORK/$1
	shift
	: >"$_out"
	background python3 "$TOP/tests/tools/collect.py" "$@" >"$_out" 2>&1
	wait_for 10 has "$_out" ready
}

# total NAME WORD...: of all messages that it had
total()
{
	_name=$1
	shift
	for _word in "$@"; do
		awk -v word="$_word" '{
			for (i = 2; i <= NF; i++)
				if (split($i, t, "=") == 2 && t[1] == word)
					sum += t[2]
		    }
		    END { printf "%s=%d ", word, sum }' "$WORK/$_name"
	done
	echo
}

# has_total NAME WORD N
has_total()
{
	equal "$(total "$1" "$2")" "$2=$3 "
}

# told PATTERN: the statistics of softflowd have such a line
told()
{
	control statistics >"$WORK/statistics" && has "$WORK/statistics" "$1"
}

# become_metered N PORT...: from each of these ports a flow of N packets of
# 100 bytes passes the loopback
become_metered()
{
	python3 - "$@" <<'END'
import socket
import sys

sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sink.bind(("127.0.0.1", 7))
for port in sys.argv[2:]:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", int(port)))
    for _ in range(int(sys.argv[1])):
        s.sendto(bytes(72), ("127.0.0.1", 7))
    s.close()
END
}
