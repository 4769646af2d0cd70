#!/bin/sh
# The completions know each option that softflowd -h names, and each command
# that softflowctl -h does.
. "${0%/*}/../lib.sh"

"$BUILD/softflowd" -h >"$WORK/help"
"$BUILD/softflowctl" -h >"$WORK/commands" 2>&1
words=$(grep -Eo '^  (-.,|   ) --[a-z0-9-]+' "$WORK/help" | sed 's/.*--//')
ok "there are options" test "$(echo "$words" | wc -w)" -ge 50
for word in $words; do
	ok "zsh has --$word" has "$TOP/packaging/completion/_softflowd" \
	    "[{,') ]--${word}[}[]"
	ok "the manual has --$word" has "$TOP/meter/softflowd.8" \
	    "^\.It.* -$word\b"
done
commands=$(sed -n '/^commands:/,$p' "$WORK/commands" | tr ' ' '\n' |
    grep -x '[a-z][a-z+-]*' | grep -v -x commands)
ok "there are commands" test "$(echo "$commands" | wc -w)" -ge 12
for command in $commands top; do
	for file in softflowctl.bash _softflowctl; do
		ok "$file has $command" grep -q -F -w -e "$command" \
		    "$TOP/packaging/completion/$file"
	done
done

if command -v bash >/dev/null 2>&1; then
	# shellcheck disable=SC2016 # for bash
	said=$(cd "$WORK" && PATH=$BUILD:$PATH bash -c '
	    . "$1"; compopt() { :; }
	    COMP_WORDS=(softflowd --i); COMP_CWORD=1; _softflowd
	    echo "${COMPREPLY[*]}"
	    COMP_WORDS=(softflowd -T v); COMP_CWORD=2; _softflowd
	    echo "${COMPREPLY[*]}"' bash \
	    "$TOP/packaging/completion/softflowd.bash")
	is "bash completes words and values" "$said" "--interface --if-name --ipv6
vlan"
else
	skip "bash completes words and values" "there is no bash here"
fi
done_testing
