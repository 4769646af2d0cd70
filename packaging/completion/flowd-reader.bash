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
		mapfile -t COMPREPLY < <(compgen -W \
		    'text table csv json ndjson classic none' -- "$cur")
		return ;;
	--columns|--group-by|--distinct|--sort)
		# The list of the program itself, which names them on error.
		fields=$("${COMP_WORDS[0]}" --columns '?' - 2>&1 </dev/null |
		    sed -n 's/^    //p')
		given=
		[[ $cur == *,* ]] && given=${cur%,*},
		mapfile -t COMPREPLY < <(compgen -P "$given" -W "$fields" -- \
		    "${cur##*,}")
		compopt -o nospace
		return ;;
	--store-version)
		mapfile -t COMPREPLY < <(compgen -W '3 4' -- "$cur")
		return ;;
	--tmpdir)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return ;;
	--every)
		mapfile -t COMPREPLY < <(compgen -W '1m 5m 1h 1d' -- "$cur")
		return ;;
	--spread)
		mapfile -t COMPREPLY < <(compgen -W 'start even' -- "$cur")
		return ;;
	--since|--until)
		mapfile -t COMPREPLY < <(compgen -W 'now today yesterday' -- \
		    "$cur")
		return ;;
	--port)
		mapfile -t COMPREPLY < <(compgen -W \
		    'any 2055 4739 6343 9995 9996' -- "$cur")
		return ;;
	--filter|-H|--head|-n|--top|--memory|--threads)
		return ;;
	esac
	if [[ $cur == -?* || $cur == - ]]; then
		mapfile -t COMPREPLY < <(compgen -W '-c -d -f -H -h -L -n -o -q -U -v
		    --anonymize --bidirectional --check --columns --compress
		    --count --debug --distinct --every --filter --follow
		    --format --group-by --head --help --human --legacy
		    --memory --no-human --no-progress --output --pcap --port
		    --quiet --repair --rules --scale --since --sort --spread
		    --stats --store-version --threads --tmpdir --top --until
		    --utc --verbose --version' -- "$cur")
		return
	fi
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

complete -F _flowd_reader flowd-reader
