# flowd: works with GNU make and BSD make.  Run ./configure first.

include config.mk

# libflowd is pure: no globals, no logging, no paths.
LIBFLOWD_SRCS = addr.c flow.c field.c filter.c table.c store.c format.c \
	decode/decode.c decode/fixed.c decode/options.c decode/program.c \
	decode/sequence.c decode/sets.c decode/template.c decode/times.c compat/crc.c
# The language: shared by the daemon and the reader.
LANG_SRCS = conf.c lex.c parse.c
FLOWD_SRCS = flowd.c privsep.c proc.c collector.c logfile.c peer.c ipc.c \
	ledger.c log.c compat/self.c compat/shm.c compat/udp.c \
	sandbox/sandbox-$(SANDBOX).c
READER_SRCS = flowd-reader.c reader-frag.c reader-input.c reader-log.c \
	reader-out.c reader-packet.c reader-pcap.c reader-time.c

HDRS = addr.h bytes.h collector.h conf.h field.h filter.h flow.h flowd.h \
	format.h ipc.h ledger.h lex.h log.h logfile.h netflow.h peer.h \
	privsep.h proc.h reader.h store.h table.h \
	compat/compat.h decode/decode.h decode/state.h sandbox/sandbox.h
MANS = flowd.8 flowd-reader.8 flowd.conf.5 flowd-store.5

LIBFLOWD_OBJS = $(LIBFLOWD_SRCS:.c=.o)
LANG_OBJS = $(LANG_SRCS:.c=.o)
FLOWD_OBJS = $(FLOWD_SRCS:.c=.o)
READER_OBJS = $(READER_SRCS:.c=.o)

DEFS = -D_GNU_SOURCE -I. -DVERSION='"$(VERSION)"' -DSYSCONFDIR='"$(sysconfdir)"' \
	-DRUNDIR='"$(localstatedir)/run"' -DPRIVSEP_USER='"$(PRIVSEP_USER)"' \
	-DCHROOT_DIR='"$(CHROOT_DIR)"'
COMPILE = $(CC) $(DEFS) $(FLOWD_CPPFLAGS) $(CPPFLAGS) $(FLOWD_CFLAGS) $(CFLAGS)
LINK = $(CC) $(FLOWD_CFLAGS) $(CFLAGS) $(FLOWD_LDFLAGS) $(LDFLAGS)

all: flowd flowd-reader

.SUFFIXES:
.SUFFIXES: .c .o

.c.o:
	$(COMPILE) -c -o $@ $<

libflowd.a: $(LIBFLOWD_OBJS)
	rm -f $@
	$(AR) cr $@ $(LIBFLOWD_OBJS)
	$(RANLIB) $@

flowd: $(FLOWD_OBJS) $(LANG_OBJS) libflowd.a
	$(LINK) -o $@ $(FLOWD_OBJS) $(LANG_OBJS) libflowd.a \
	    $(LIB_Z) $(LIB_SECCOMP) $(LIB_BSD)

flowd-reader: $(READER_OBJS) $(LANG_OBJS) libflowd.a
	$(LINK) -o $@ $(READER_OBJS) $(LANG_OBJS) libflowd.a \
	    $(LIB_PCAP) $(LIB_Z) $(LIB_BSD)

parse.c: parse.y
	$(YACC) -d -o $@ parse.y

parse.h: parse.c

lex.o: parse.h

clean:
	rm -f *.o decode/*.o compat/*.o sandbox/*.o libflowd.a
	rm -f flowd flowd-reader parse.c parse.h
