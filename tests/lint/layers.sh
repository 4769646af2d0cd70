# Includes go down only: DESIGN section 3.
. tests/lint/files.sh

bad=0
say()
{
	echo "$*"
	bad=1
}

# includes FILE: "FILE:LINE name" of each of our headers that it includes
includes()
{
	grep -Hn '^#include "' "$1" |
	    sed 's/^\([^:]*:[0-9]*\):#include "\(.*\)".*/\1 \2/'
}

# may FILES... -- HEADERS...: include none but these
may()
{
	_files=
	while [ "$1" != -- ]; do
		_files="$_files $1"
		shift
	done
	shift
	for _file in $_files; do
		_list=$(includes "$_file")
		while read -r _at _header; do
			[ -n "$_header" ] || continue
			case " $* " in
			*" $_header "*) ;;
			*)	say "$_at: $_header is not below" ;;
			esac
		done <<END
$_list
END
	done
}


# shellcheck disable=SC2046 # lists of files
{
# The base; config.h says nothing of ours.
may bytes.h --
may addr.h addr.c -- addr.h bytes.h
may flow.h flow.c flow-bits.h -- addr.h bytes.h flow.h flow-bits.h
may flat.h flat.c -- addr.h bytes.h field.h flat.h flow.h
may records.h records.c -- addr.h bytes.h field.h flow.h records.h
may allot.h allot.c -- addr.h bytes.h allot.h
may netflow.h --
may field.h field.c -- addr.h bytes.h field.h flow.h netflow.h store.h
# The siblings meet through callbacks.
may $(files 'decode/*.c' 'decode/*.h') -- addr.h bytes.h field.h flow.h \
    netflow.h records.h compat/crc.h $(files 'decode/*.h')
may $(files 'encode/*.c' 'encode/*.h') -- addr.h bytes.h field.h flow.h \
    netflow.h decode/layout.h $(files 'encode/*.h')
may $(files ruleset.c ruleset.h) -- ruleset.h
may $(files 'filter*.c' filter-index.h filter.h rule.c rule.h) -- addr.h \
    bounds.h bytes.h field.h flow.h filter-index.h filter.h rule.h ruleset.h \
    table.h
may $(files bounds.c bounds.h) -- addr.h bytes.h bounds.h
may $(files table.c table.h) -- addr.h bounds.h bytes.h table.h
may $(files 'store*.c' 'store*.h') -- addr.h bytes.h field.h flat.h flow.h \
    store.h store-groups.h compat/crc.h
may $(files 'format*.c' format.h text.c text.h) -- addr.h bytes.h field.h \
    flow.h store.h format.h netflow.h text.h
may $(files 'archive/*.c' 'archive/*.h') -- addr.h bytes.h field.h flat.h flow.h \
    records.h compat/crc.h compat/squeeze.h $(files 'archive/*.h')
may $(files 'query/*.c' 'query/*.h') -- addr.h bytes.h field.h filter.h \
    flow.h format.h rule.h table.h text.h compat/aes.h compat/compat.h \
    compat/wide.h \
    $(files 'archive/*.h' 'query/*.h')
# How files are read; the programs and the bindings sit on it.
may $(files 'scan/*.c' 'scan/*.h') -- addr.h bytes.h field.h filter.h flat.h flow.h \
    store.h compat/zst.h $(files 'archive/*.h' 'query/*.h' 'scan/*.h')
may $(files compat/crc.c compat/crc.h) -- config.h compat/crc.h
}

# What may stay pure: nothing of libflowd knows the daemon.
for file in ${LIBFLOWD_SRCS:?make lint sets it}; do
	[ -e "$file" ] || continue
	list=$(includes "$file" | grep -E ' (log|conf|lex|flowd|privsep|proc|collector|intake|ipc|ledger|logfile|peer|reader)\.h$')
	[ -z "$list" ] || say "$list: libflowd includes nothing of a program"
done

# The two processes share the contract between them, and libflowd.
grep -h '^#include "' privsep.c | sort -u >"${TMPDIR:-/tmp}/layers.$$"
shared=$(grep -h '^#include "' collector.c | sort -u |
    grep -F -x -f "${TMPDIR:-/tmp}/layers.$$" |
    sed 's/#include "\(.*\)"/\1/')
rm -f "${TMPDIR:-/tmp}/layers.$$"
for header in $shared; do
	case $header in
	ipc.h|conf.h|log.h|ledger.h|addr.h|bytes.h|compat/compat.h|sandbox/sandbox.h) ;;
	*)	say "privsep.c and collector.c share $header" ;;
	esac
done

# Two programs never include each other.
for file in $(files 'reader*.[ch]' flowd-reader.c); do
	list=$(includes "$file" | grep -E ' (flowd|log|privsep|proc|collector|intake|ipc|ledger|logfile|peer)\.h$')
	[ -z "$list" ] || say "$list: that is the daemon's"
done

# The meter is a product of its own: libflowd, logging, systems.
may $(files 'meter/*.c' 'meter/*.h') -- addr.h bytes.h field.h flow.h log.h \
    netflow.h signals.h text.h decode/packet.h decode/plain.h encode/encode.h compat/compat.h \
    compat/netif.h compat/sockopt.h compat/wide.h compat/zst.h sandbox/sandbox.h \
    $(files 'meter/*.h')

# The extension is on top of all but the programs.
list=$(grep -Hn '^#include "' $(files 'bindings/*.[ch]') |
    grep -E '"(flowd|log|privsep|proc|collector|intake|ipc|ledger|logfile|peer)\.h"')
[ -z "$list" ] || say "$list: that is the daemon's"

# A header compiles alone, and the Makefile knows it.
for header in $(files '*.h' | grep -v ^tests/); do
	case $header in
	bindings/python*)
		[ -n "${PYTHON_CPPFLAGS:-}" ] || continue
		flags=$PYTHON_CPPFLAGS ;;
	bindings/perl/*)
		flags=-I$(perl -MConfig -e 'print $Config{archlibexp}')/CORE
		[ -e "${flags#-I}/perl.h" ] || continue ;;
	*)	flags= ;;
	esac
	# shellcheck disable=SC2086 # a list
	printf '#include "%s"\n' "$header" |
	    ${CC:-cc} -D_GNU_SOURCE -I. $flags -std=c11 -fsyntax-only \
		-Wall -Wextra -x c - || say "$header does not compile alone"
	case " $HDRS ${PERL_HDRS:-} ${PYTHON_HDRS:-} " in
	*" $header "*) ;;
	*)	say "$header is not in HDRS of the Makefile" ;;
	esac
	n=$(wc -l <"$header")
	[ "$n" -le 300 ] || say "$header has $n lines"
	[ "$n" -le 200 ] || echo "$header has $n lines, look again"
done
exit $bad
