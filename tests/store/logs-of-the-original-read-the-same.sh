# The original's own logs, and what the original's reader said of them.  One
# difference is wanted: engines of version 5 are shown in the right order of
# their bytes.
. "${0%/*}/../lib.sh"
need_shared compat/flowd-logs

logs=$FLOWD_SHARED/compat/flowd-logs

# wanted FILE: what the original said, with the engines repaired
wanted()
{
	sed -e '/netflow ver 5 /s/engine_type 256 engine_id 512/engine_type 1 engine_id 2/' \
	    -e 's/,256,512,/,1,2,/' "$1"
}

# reads READER OPTIONS LOG WANTED
reads()
{
	# shellcheck disable=SC2086 # several options
	(cd "$logs" && TZ=${zone:-UTC} "$1" $2 "$3") >"$WORK/out" || return 1
	wanted "$logs/$4" >"$WORK/want"
	same "$WORK/out" "$WORK/want"
}

readers=$BIN/storetext
[ ! -x "$BUILD/flowd-reader" ] || readers="$readers $BUILD/flowd-reader"

for reader in $readers; do
	for bin in "$logs"/*.bin; do
		x=${bin##*/}
		x=${x%.bin}
		while read -r suffix options; do
			[ -e "$logs/$x.$suffix" ] || continue
			zone=UTC
			case $suffix in *EuropeBerlin*) zone=Europe/Berlin ;; esac
			ok "${reader##*/} $options $x" \
			    reads "$reader" "$options" "$x.bin" "$x.$suffix"
		done <<-END
			reader-v-U.txt -v -U
			reader-brief-U.txt -U
			reader-v.EuropeBerlin.txt -v
			reader-c.csv -c
			reader-L-v-U.txt -L -v -U
			reader-L-c.csv -L -c
		END
	done
done

# Version 2 into version 3: every byte of it.
converts()
{
	"$BIN/storetext" -L -q -o "$WORK/new" "$1" && same "$WORK/new" "$2"
}

reader_converts()
{
	"$BUILD/flowd-reader" -L -q -o "$WORK/new" "$1" &&
	    cmp "$WORK/new" "$2"
}

for new in "$logs"/*.converted.bin; do
	old=${new%.converted.bin}.bin
	ok "${old##*/} is converted as ever" converts "$old" "$new"
	[ ! -x "$BUILD/flowd-reader" ] ||
	    ok "flowd-reader converts ${old##*/}" \
	        reader_converts "$old" "$new"
done

done_testing
