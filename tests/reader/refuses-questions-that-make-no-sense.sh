#!/bin/sh
# Options that do not go together, or that have a wrong value, are refused
# with status 1, and the reason names them.

. "${0%/*}/../lib.sh"
. "${0%/*}/flows.inc"

flows 1 3 "$WORK/flows" || exit 99
cd "$WORK" || exit 99

# refused REASON ARGUMENT...
refused()
{
	_why=$1
	shift
	ok "refused: $*" status 1 reader "$@" flows
	reader "$@" flows >out 2>err
	ok "because: $_why" has err "^flowd-reader: .*$_why"
	is "and nothing is printed" "$(cat out)" ""
}

both='--stats: not together with'
refused "$both --group-by" --stats --group-by src_addr
refused "$both --sort" --stats --sort octets
refused "$both --top" --stats -n 5
refused "--distinct: not together with --group-by" \
    --distinct src_addr --group-by dst_addr
refused "--count: not together with --every" --count --every 5m
refused "--spread: only with --every" --spread even
refused "--spread odd: it is start or even" --every 5m --spread odd
refused "-c: not together with --format" -c --format csv
refused "-c: not together with --group-by" -c --group-by src_addr
refused "--output: not together with --group-by" -o x --group-by src_addr
refused "--store-version: only with --output" --store-version 4
refused "--store-version 5: " --store-version 5 -o x
refused "--compress 3: only with --store-version 4" --compress 3 -o x
refused "--compress 20: " --compress 20 --store-version 4 -o x
refused "--follow: not together with --group-by" --follow --group-by src_addr
refused "--follow: not together with --sort" --follow --sort octets
refused "--format json: .*ndjson" --follow --format json
refused "--port: only with --pcap" --port any
refused "--human: not together with --no-human" --human --no-human
refused "--human and --no-human: only of tables" --human --format csv
refused "--columns octets: not together with --group-by src_addr\|groups have" \
    --group-by src_addr --columns src_addr
refused "--format classic: only flows" --format classic --stats
refused "--check: not together with --filter" --check --filter 'proto tcp'
refused "--repair: not together with --sort" --repair x --sort octets
refused "--check: not together with --repair" --check --repair x
refused "--group-by src_adr: src_adr" --group-by src_adr
refused "--group-by : " --group-by ''
refused "--sort octet: octet" --sort octet
refused "--distinct x: x" --distinct x
refused "--top 0: " --top 0
refused "--every 5x: not a time" --every 5x
refused "--every 0: not a time" --every 0
refused "--every -5m: not a time" --every -5m
refused "--threads 0: " --threads 0
refused "--threads 1000: " --threads 1000
refused "--memory 5x: " --memory 5x
refused "--memory 1k: " --memory 1k
refused "--anonymize abc: " --anonymize abc
refused "--since soon: not a time" --since soon
refused "--format xml: it is" --format xml
ok "an unknown option: status 1" status 1 reader --nonsense flows
ok "no file was made" not test -e x

# What one may say.
for how in "--every 1h30m" "--every 300" "--memory 1M" "--memory 64MB" \
    "--memory 2g" "--threads 256" "--top 1" "--spread start --every 1d"; do
	# shellcheck disable=SC2086 # how is a list
	ok "accepted: $how" reader --group-by src_port $how flows
done
printf '0123456789abcdef0123456789abcdef' >key
printf '3031323334353637383961626364656630313233343536373839616263646566\n' \
    >hexkey
reader --anonymize key --format csv flows >one
reader --anonymize hexkey --format csv flows >two
reader --anonymize "$(cat hexkey)" --format csv flows >three
ok "a key is a file of 32 bytes, or of digits" same one two
ok "or the digits themselves" same one three
ok "and changes the addresses" not cmp -s one flows

done_testing
