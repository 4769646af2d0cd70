#!/bin/sh
# --since and --until select by time of receipt, in every notation.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

# Flow n is received at 22:13:19 UTC + n seconds + 0.123456.
flows 1 10 "$WORK/flows" || exit 99

since()
{
	is "since $1" "$(numbers --since "$1" "$WORK/flows")" "$2"
}

since @1700000007 "8 9 10"
since @1700000007.123456 "8 9 10"
since @1700000007.1234561 "9 10"
since 2023-11-14T22:13:28 "9 10"
since "2023-11-14 22:13:28" "9 10"
since 2023-11-14T22:13:28Z "9 10"
since 2023-11-14T23:13:28+01:00 "9 10"
since 2023-11-14T17:13:28-0500 "9 10"
since 2023-11-14T22:13:28.2 "10"
since 2023-11-14 "$(upto 10)"
since 2023-11-15 ""
since 2023-11-14T22:13 "$(upto 10)"
since "10000 weeks ago" "$(upto 10)"
since yesterday ""

is "until" "$(numbers --until 2023-11-14T22:13:22 "$WORK/flows")" "1 2"
is "until, to the microsecond" \
    "$(numbers --until @1700000002.123456 "$WORK/flows")" "1 2"
is "from one time to another" "$(numbers --since @1700000003 \
    --until @1700000005 "$WORK/flows")" "4 5"
is "local time is that of TZ" "$(TZ=EST5 numbers \
    --since 2023-11-14T17:13:28 "$WORK/flows")" "9 10"
is "unless -U says UTC" "$(TZ=EST5 numbers -U \
    --since 2023-11-14T22:13:28 "$WORK/flows")" "9 10"

now=$(date +%s)
seconds=$((now - 1700000005))
is "so many seconds ago" \
    "$(numbers --until "-$((seconds - 3600))s" "$WORK/flows")" "$(upto 10)"
is "in mixed units" "$(numbers --since -1w1d1h1m1s "$WORK/flows")" ""
is "until now" "$(numbers --until now "$WORK/flows")" "$(upto 10)"

for bad in "" x 5m 25:00 10 2023-13-01 2023-02-29 2023-11-31 2023-11-14T \
    2023-11-14T22 2023-11-14T22:13:28x @ @x @99999999999 "1 hour" \
    "-1 hour ago" -1y "1 fortnight ago" 2023-11-14T22:13:28+1 tomorrow; do
	ok "'$bad' is not a time" status 1 reader --since "$bad" "$WORK/flows"
done
ok "2024-02-29 is one" status 0 reader --since 2024-02-29 "$WORK/flows"

done_testing
