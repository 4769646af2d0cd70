#!/bin/sh
# Options and configuration files by chance: a capture file is metered, or the
# reason why not is said.  What is clearly nonsense is refused by its name.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
need_tool python3

find_meter
python3 "$TOP/tests/tools/mkflows.py" 3 >"$WORK/flows.pcap"
chmod 644 "$WORK/flows.pcap"

python3 "$TOP/tests/tools/anyoptions.py" 300 "$METER" \
    -r "$WORK/flows.pcap" >"$WORK/out" 2>&1
is "there are options, some runs work, some are refused, none fails" \
    "$(cat "$WORK/out")" "True True True 0"

# refused OPTION VALUE: by its name
refused()
{
	(as_user "$METER" -r "$WORK/flows.pcap" "$1" "$2") >"$WORK/out" 2>&1
	[ $? -eq 1 ] && grep -qF -e "softflowd: $1 $2: " "$WORK/out"
}

while read -r option value; do
	ok "$option '$value' is refused" refused "$option" "$value"
done <<END
-m 0
-m -1
-m 268435457
-m 5x
-s 4294967296
-t udp
-t udp=-1
-t udp=1.5
-t nosuch=1
-n 127.0.0.1
-n 127.0.0.1:0
-n 127.0.0.1:65536
-n 127.0.0.1:9,
-v 6
-v 05
-L 256
-x 11
-j 0
-j 65
-C 0
-B 2147483648
-H 2:0:5e:10:0
-e 127.0.0.256
--queue 0
--rate 1e3
--control-mode 0888
-i
-R 0
END
done_testing
