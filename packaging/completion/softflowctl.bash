# bash completion for softflowctl(8)

_softflowctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}

	COMPREPLY=()
	case $prev in
	-c)	compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	statistics)
		mapfile -t COMPREPLY < <(compgen -W --json -- "$cur") ;;
	top)	mapfile -t COMPREPLY < <(compgen -W '-1 -n -s' -- "$cur") ;;
	-n|-s)	;;
	*)	mapfile -t COMPREPLY < <(compgen -W '-c -h debug+ debug-
		    delete-all dump-flows exit expire-all help send-template
		    shutdown start-gather statistics stop-gather timeouts top
		    version' -- "$cur") ;;
	esac
}

complete -F _softflowctl softflowctl
