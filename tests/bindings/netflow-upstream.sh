# Package netflow beside the original, whose source distribution comes from
# PyPI: the same file through both analyzers, the same packets through both,
# and its own tests where they are in it.
#
# NETFLOW_SDIST names the archive where it is here already.
. "${0%/*}/../lib.sh"
. "$TOP/tests/netflow.sh"

version=0.12.2
held=$BUILD/build/upstream
sdist=${NETFLOW_SDIST:-$held/netflow-$version.tar.gz}
if [ ! -e "$sdist" ]; then
	timeout -k 5 120 "$PYTHON" -m pip download -q --no-deps \
	    --disable-pip-version-check --no-binary netflow --retries 1 \
	    -d "$held" "netflow==$version" >"$WORK/pip" 2>&1 </dev/null ||
	    skip_all "no netflow $version from PyPI: $(tail -n 1 "$WORK/pip")"
fi
mkdir "$WORK/up"
tar xzf "$sdist" -C "$WORK/up" || skip_all "$sdist is no archive"
original=$WORK/up/netflow-$version

# Of the same packets both make the same, where no defect is known.
cat >"$WORK/beside.py" <<'END'
import json, logging, random, sys
logging.disable(logging.CRITICAL)
sys.path.insert(0, sys.argv[1])
import packets as p
import netflow
from netflow.ipfix import IPFIXFieldTypes
from netflow.v9 import V9_FIELD_TYPES

rnd = random.Random(5)

def length(number):
    return 16 if number in (27, 28, 62, 63) else 4 if number in (8, 12, 15, 18) else \
        rnd.choice((1, 2, 4, 8))

def element(row):
    return row[0], 8 if "Micro" in row[2] or "Nano" in row[2] else rnd.choice((1, 2, 4, 8))

v9 = [(n, length(n)) for n in V9_FIELD_TYPES if n < 32768]
ipfix = [element(row) for row in IPFIXFieldTypes.iana_field_types if row[1]]
out = []
for fields, first, make in ((v9, 0, p.v9), (ipfix, 2, p.ipfix)):
    for at in range(0, len(fields), 10):
        part = fields[at:at + 10]
        content = rnd.randbytes(3 * sum(n for _, n in part))
        # Padding to four bytes is what the original can do in version 9.
        content += bytes(-len(content) % 4 if make is p.v9 else 0)
        packet = make(p.one_set(first, p.template(300, *part)), p.one_set(300, content))
        made = netflow.parse_packet(bytearray(packet), {"netflow": {}, "ipfix": {}})
        out.append([made.header.to_dict(), [sorted(f.data.items()) for f in made.flows]])
for count in range(4):
    made = netflow.parse_packet(bytearray(p.v5(rnd.randbytes(48 * count), count=count)))
    out.append([made.header.to_dict(), [f.data for f in made.flows]])
print(json.dumps(out))
END
of_both()
{
	PYTHONPATH=$original "$PYTHON" "$WORK/beside.py" "$package/tests" \
	    >"$WORK/theirs" 2>"$WORK/theirs.err" || return 1
	python "$WORK/beside.py" "$package/tests" >"$WORK/ours" || return 1
	[ -s "$WORK/theirs" ] && same "$WORK/ours" "$WORK/theirs"
}
ok "every field of both tables has the original's value" of_both

# What each collector wrote, each analyzer reads.
cat >"$WORK/sample.py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import gzip, test_analyzer
text = [gzip.compress(line.encode()) for line in test_analyzer.SAMPLE]
sys.stdout.buffer.write(b"".join(text))
END
python "$WORK/sample.py" "$package/tests" >"$WORK/sample.gz"
analyzed_alike()
{
	for flags in "" "-p 0" "-p 105" "-p 0 -v" "-p 0 --match-host 10.0.0.4"; do
		# shellcheck disable=SC2086 # a list of flags
		PYTHONPATH=$original "$PYTHON" -m netflow.analyzer -n \
		    -f "$WORK/sample.gz" $flags >"$WORK/theirs" || return 1
		# shellcheck disable=SC2086
		python -m netflow.analyzer -n -f "$WORK/sample.gz" $flags \
		    >"$WORK/ours" || return 1
		[ -s "$WORK/theirs" ] && same "$WORK/ours" "$WORK/theirs" ||
		    return 1
	done
}
ok "both analyzers print the same of the same file" analyzed_alike

# Some are at the mercy of the kernel's buffers, the original's too: those
# that fail are run again by themselves, three times at most.
suite=$WORK/up/suite
their_tests()
{
	cd "$suite" || return 1
	python -m unittest -v >"$WORK/suite" 2>&1 && return 0
	failed=$(sed -n 's/^\(FAIL\|ERROR\): [^ ]* (\(.*\))$/\2/p' "$WORK/suite")
	[ -n "$failed" ] || return 1
	for one in $failed; do
		again "$one" || return 1
	done
}
again()
{
	for try in 1 2 3; do
		python -m unittest "$1" >"$WORK/again" 2>&1 && {
			echo "$1 passed alone, try $try" | diag
			return 0
		}
	done
	cat "$WORK/again"
	return 1
}
tests=${NETFLOW_TESTS:-$original/tests}
if [ -d "$tests" ]; then
	mkdir "$suite"
	cp -R "$tests" "$suite/tests"
	ok "the original's tests pass" their_tests
else
	skip "the original's tests pass" \
	    "the source distribution has none; NETFLOW_TESTS names them"
fi

done_testing
