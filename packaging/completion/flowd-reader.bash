# bash completion for flowd-reader(8)

_flowd_reader()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local fields given

	# bash makes words of their own of "=" signs.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	COMPREPLY=()
	case $prev in
	--format)
		mapfile -t COMPREPLY < <(compgen -W 'text csv json' -- "$cur")
		return ;;
	--columns)
		# The list of the program itself, which names them on error.
		fields=$("${COMP_WORDS[0]}" --columns '?' - 2>&1 </dev/null |
		    sed -n 's/^    //p')
		given=
		[[ $cur == *,* ]] && given=${cur%,*},
		mapfile -t COMPREPLY < <(compgen -P "$given" -W "$fields" -- \
		    "${cur##*,}")
		compopt -o nospace
		return ;;
	--since|--until)
		mapfile -t COMPREPLY < <(compgen -W 'now today yesterday' -- \
		    "$cur")
		return ;;
	--port)
		mapfile -t COMPREPLY < <(compgen -W \
		    'any 2055 4739 6343 9995 9996' -- "$cur")
		return ;;
	--filter|-H)
		return ;;
	esac
	if [[ $cur == -?* || $cur == - ]]; then
		mapfile -t COMPREPLY < <(compgen -W '-c -d -f -H -h -L -o -q
		    -U -v --columns --filter --follow --format --help --pcap
		    --port --since --until --version' -- "$cur")
		return
	fi
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

complete -F _flowd_reader flowd-reader
