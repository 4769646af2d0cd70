# bash completion for softflowd(8)

_softflowd()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local words=

	# bash makes words of their own of "=" signs.
	if [[ $cur == = ]]; then
		cur=
	fi
	COMPREPLY=()
	case $prev in
	-i|--interface|-S|--send-interface)
		words=$(ls /sys/class/net 2>/dev/null || ifconfig -l) ;;
	-v|--export)		words='1 5 9 10 ipfix psamp' ;;
	-P|--transport)		words='udp tcp sctp' ;;
	-A|--timestamps)	words='sec milli micro nano' ;;
	-T|--track)		words='ip proto port full vlan ether' ;;
	-t|--timeout)
		mapfile -t COMPREPLY < <(compgen -S = -W 'tcp tcp.rst tcp.fin
		    udp icmp general maxlife expint active idle' -- "$cur")
		compopt -o nospace
		return ;;
	-c|--control)
		mapfile -t COMPREPLY < <(compgen -W none -f -- "$cur")
		return ;;
	-r|--read|-p|--pidfile|-f|--config)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	--chroot)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return ;;
	--user)
		mapfile -t COMPREPLY < <(compgen -u -- "$cur")
		return ;;
	*)
		# The list of the program itself.
		[[ $cur == -* ]] &&
		    words=$("${COMP_WORDS[0]}" --help 2>/dev/null |
		    grep -Eo '^  (-.,|   ) --[a-z0-9-]+' | tr -d ,) ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _softflowd softflowd
