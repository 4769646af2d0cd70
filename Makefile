# flowd: works with GNU make and BSD make.  Run ./configure first.
#
# all install uninstall     what is for use
# install-tools uninstall-tools   and what is written in Python
# python                    bindings/python/flowd/_core.abi3.so
# perl                      bindings/perl, the module Flowd
# netflow                   bindings/python-netflow/netflow/_decode.abi3.so
# check check-root          the tests; those that need root
# check-package             a wheel of package flowd, in a clean place
# fuzz fuzz-replay bench    the fuzzers, their corpora again, measurements
# fuzz-coverage             what of decode/ the corpora reach
# docs                      pages made from tables
# lint update               style and pages; golden files rewritten
# dist clean distclean

include config.mk

# libflowd is pure: no globals, no logging, no paths.
LIBFLOWD_SRCS = addr.c allot.c bounds.c field.c filter-clause.c filter-dim.c \
	filter-guard.c filter-index.c filter-print.c filter-toggle.c filter-worth.c filter.c flat.c flow.c \
	format-classic.c format.c records.c rule.c ruleset.c store-flat.c store-names.c store-v2.c \
	store-write.c store.c table.c text.c compat/crc.c decode/apply.c \
	decode/compile.c decode/decode.c decode/dlt.c decode/domain.c \
	decode/fact.c decode/fixed.c decode/form.c decode/htable.c decode/ignored.c \
	decode/layout.c \
	decode/learn.c decode/link.c decode/load.c decode/options.c \
	decode/packet.c decode/parts.c decode/program.c decode/run.c decode/sampling.c \
	decode/save.c decode/sequence.c decode/sets.c decode/sflow-record.c \
	decode/sflow.c decode/template.c decode/times.c encode/enc-compile.c \
	encode/enc-fixed.c encode/enc-message.c encode/enc-pile.c \
	encode/enc-run.c encode/enc-template.c encode/encode.c \
	archive/batch.c archive/block.c archive/blockwr.c archive/check.c \
	archive/choose.c archive/chunks.c \
	archive/column-addrs.c archive/column-flat.c archive/column-mask.c archive/column-part.c \
	archive/column-rows.c archive/column-sum.c archive/column.c \
	archive/dict.c archive/gather.c archive/intern.c archive/ints.c \
	archive/member.c archive/move.c archive/narrow.c \
	archive/pack-dict.c archive/pack-number.c archive/pack-time.c \
	archive/pack.c archive/popular.c \
	archive/range.c archive/relate.c archive/reseal.c \
	archive/rows-column.c archive/rows-plan.c archive/rows-program.c \
	archive/rows-take.c archive/rows-uptime.c archive/rows.c \
	archive/sealer.c archive/segname.c archive/series.c archive/study.c \
	compat/aes.c \
	compat/pages.c compat/squeeze.c \
	query/aggregate.c query/anonymize.c query/arrange.c query/bitmap.c \
	query/consumer.c query/derive.c \
	query/giver.c query/group.c query/gtable.c query/hold-file.c \
	query/hold.c query/keyer.c query/keys.c query/look.c \
	query/measure.c query/pair.c \
	query/percentile.c query/plan.c query/print-cells.c \
	query/print-plan.c \
	query/print-table.c query/print.c query/question.c \
	query/rank.c query/result.c query/select-block.c \
	query/select-clause.c query/select.c \
	query/sheet-summary.c query/sheet.c query/sort.c query/sorter-run.c \
	query/sorter.c query/spill.c \
	query/spread.c query/stamp.c query/standing.c query/strip.c \
	query/summary-print.c query/summary.c \
	query/tagging.c query/tally.c query/tight.c query/value.c query/worker.c
# The language: shared by the daemon and the reader.
LANG_SRCS = conf-archive.c conf-limit.c conf-print.c conf-rule.c conf-source.c conf-table.c \
	conf-value.c conf-worker.c conf.c lex-source.c lex.c parse.c
# The daemon and the reader, each without its main function.
FLOWD_SRCS = archivist.c arcfile.c collector.c confine.c intake-count.c \
	intake-records.c intake-write.c intake.c ipc.c \
	keeper-expire.c keeper-seal.c keeper.c segdir.c shelf.c \
	learned.c ledger.c limit.c log.c logfile.c logopen.c oldlogs.c pace.c parent.c peer.c \
	piece.c privsep.c proc.c relay.c reload.c report.c seal.c sealing.c setup.c signals.c sink.c sockets.c statefile.c stats.c \
	upcall.c worker.c writer.c \
	compat/priority.c compat/self.c compat/share.c compat/shm.c compat/sockopt.c compat/udp.c \
	sandbox/sandbox-$(SANDBOX).c
# The meter: softflowd but for its main function.
METER_SRCS = compat/netif.c compat/zst.c meter/account.c \
	meter/answer.c meter/capture.c meter/classic.c meter/client.c \
	meter/command.c meter/connection.c meter/control.c meter/counters.c \
	meter/dest-send.c meter/dest.c meter/destlist.c meter/duration.c \
	meter/expire.c meter/export.c meter/extra.c meter/flowtab.c \
	meter/flowtmpl.c meter/flush.c meter/forward.c meter/fragments.c meter/gear.c \
	meter/inflater.c meter/listener.c meter/meter.c meter/monitor.c \
	meter/msgqueue.c meter/names.c meter/observe.c meter/optfile.c \
	meter/option.c meter/optkind.c meter/optset.c meter/optsettle.c \
	meter/outlet.c meter/pacer.c meter/pcapng.c meter/pidlock.c \
	meter/progress.c meter/psamp.c meter/receiver.c meter/reply.c \
	meter/request.c meter/savefile.c meter/sieve.c meter/single.c \
	meter/source.c meter/statistics-flow.c meter/statistics-json.c \
	meter/statistics.c meter/stream.c meter/tcpstate.c meter/user.c
# softflowctl, likewise.
CTL_SRCS = meter/exchange.c meter/screen.c meter/top.c
# What the meter shares with the daemon.
SHARED_SRCS = log.c signals.c compat/self.c compat/shm.c compat/sockopt.c compat/udp.c \
	sandbox/sandbox-$(SANDBOX).c
READER_SRCS = reader-answer.c reader-args.c reader-ask.c reader-check.c \
	reader-consumer.c reader-datagram.c reader-follow.c reader-format.c \
	reader-frag.c reader-gauge.c reader-out.c reader-pcap.c reader-plain.c \
	reader-tell.c reader-time.c reader-word.c reader-write.c

# How files are read: of the reader and of bindings/.
SCAN_SRCS = compat/zst.c scan/ask.c scan/blocks.c scan/consumers.c scan/feed.c \
	scan/files.c scan/filling.c scan/flow-cells.c scan/flowlog.c scan/input.c scan/maps.c scan/output.c scan/pool.c scan/reading.c \
	scan/scan-worker.c scan/scan.c scan/segment.c scan/span.c \
	scan/totals.c scan/walk.c

# The module Flowd: its Makefile.PL takes every source of bindings/perl.
PERL_HDRS = bindings/perl/oldlog.h bindings/perl/perlflow.h \
	bindings/perl/perllog.h bindings/perl/source.h bindings/perl/target.h

# The extension of package flowd, a file for each type; see core.h there.
PYTHON_SRCS = bindings/python/core/answer.c bindings/python/core/args.c \
	bindings/python/core/arrow-data.c \
	bindings/python/core/arrow-stream.c bindings/python/core/arrow.c \
	bindings/python/core/ask.c bindings/python/core/batch.c \
	bindings/python/core/batches.c bindings/python/core/chunk.c \
	bindings/python/core/classic.c bindings/python/core/column.c \
	bindings/python/core/columns-fixed.c \
	bindings/python/core/columns-join.c \
	bindings/python/core/columns-row.c \
	bindings/python/core/columns-text.c bindings/python/core/columns.c \
	bindings/python/core/decoder.c \
	bindings/python/core/error.c bindings/python/core/field.c \
	bindings/python/core/flow-names.c bindings/python/core/flow.c \
	bindings/python/core/flows.c bindings/python/core/gate.c \
	bindings/python/core/listener.c bindings/python/core/log.c \
	bindings/python/core/module.c bindings/python/core/packet.c \
	bindings/python/core/parcels.c bindings/python/core/pile.c \
	bindings/python/core/receiver.c bindings/python/core/ring.c \
	bindings/python/core/run.c bindings/python/core/sheaf.c \
	bindings/python/core/source.c bindings/python/core/tabulate.c \
	bindings/python/core/tally.c bindings/python/core/writer.c
PYTHON_HDRS = bindings/python/core/arrow-abi.h bindings/python/core/arrow.h \
	bindings/python/core/ask.h bindings/python/core/chunk.h \
	bindings/python/core/columns.h bindings/python/core/core.h \
	bindings/python/core/flow-names.h bindings/python/core/gate.h \
	bindings/python/core/listener.h bindings/python/core/log-object.h \
	bindings/python/core/packet.h bindings/python/core/parcels.h \
	bindings/python/core/pile.h bindings/python/core/ring.h \
	bindings/python/core/run.h bindings/python/core/sheaf.h \
	bindings/python/core/tabulate.h
# That of package netflow, which stands alone.
NETFLOW_SRCS = bindings/python-netflow/decode/layout.c \
	bindings/python-netflow/decode/module.c \
	bindings/python-netflow/decode/record.c \
	bindings/python-netflow/decode/value.c
NETFLOW_HDRS = bindings/python-netflow/decode/decode.h

HDRS = addr.h allot.h archivist.h arcfile.h bounds.h build-rule.h build.h \
	bytes.h collector.h conf.h confine.h \
	field.h flat.h filter-index.h filter.h flow-bits.h flow.h flowd.h format.h intake-inside.h \
	intake.h ipc.h \
	keep.h keeper.h seal.h sealing.h segdir.h shelf.h \
	archive/batch-state.h archive/batch.h archive/block.h \
	archive/blockwr.h archive/chunks.h archive/dict.h \
	archive/gather.h archive/intern.h archive/ints.h archive/le.h \
	archive/member.h archive/move.h archive/narrow.h \
	archive/pack.h archive/packer.h archive/range.h \
	archive/reseal.h archive/rows-column.h archive/rows-inside.h \
	archive/rows-plan.h \
	archive/rows-state.h archive/rows.h archive/segname.h \
	archive/series.h archive/study.h query/anonymize.h query/arrange.h \
	query/bitmap.h \
	query/consumer.h query/derive.h \
	query/digits.h query/giver.h query/group-state.h query/group.h \
	query/gtable.h \
	query/head.h query/hold.h query/keyer.h query/keys.h query/look.h \
	query/measure.h \
	query/percentile.h query/plan.h \
	query/print-state.h query/print.h query/question.h query/rank.h \
	query/select.h \
	query/sheet.h query/sort.h query/sorter.h query/spill.h query/stamp.h \
	query/standing.h query/strip.h query/summary-state.h \
	query/summary.h query/tagging.h query/tally.h query/value.h \
	compat/aes.h \
	compat/squeeze.h \
	learned.h ledger.h lex-source.h lex.h limit.h log.h logfile.h \
	logopen.h netflow.h oldlogs.h pace.h parent.h peer.h piece.h privsep.h proc.h reader-answer.h \
	reader-args.h reader-ask.h reader-check.h reader-follow.h \
	reader.h records.h relay.h \
	reload.h report.h rule.h ruleset.h setup.h signals.h sink.h sockets.h statefile.h \
	stats.h \
	store-groups.h store.h table.h text.h upcall.h worker.h writer.h compat/compat.h compat/crc.h \
	compat/netif.h compat/sockopt.h compat/wide.h compat/zst.h \
	decode/decode.h decode/form.h decode/htable.h decode/layout.h decode/link.h \
	decode/memory.h decode/packet.h decode/plain.h decode/program.h \
	decode/sampling.h decode/save.h decode/sflow.h decode/state.h \
	encode/enc-program.h encode/enc-state.h encode/encode.h \
	meter/account.h meter/answer.h meter/client.h meter/clock.h \
	meter/command.h \
	meter/connection.h meter/control.h meter/counters.h \
	meter/dest-state.h meter/dest.h meter/duration.h meter/exchange.h \
	meter/expire.h meter/export.h meter/extra.h meter/flowhash.h \
	meter/flowlook.h meter/flowtab.h meter/flowtmpl.h meter/flush.h \
	meter/forward.h \
	meter/fragments.h meter/gear.h meter/inflater.h meter/meter.h \
	meter/monitor.h meter/msgqueue.h meter/names.h meter/observe.h \
	meter/option.h meter/optrow.h meter/outlet.h meter/pacer.h \
	meter/pidlock.h meter/progress.h meter/psamp.h meter/reply.h \
	meter/request.h meter/savefile.h meter/screen.h meter/sieve.h \
	meter/single.h meter/source-ops.h meter/source.h meter/statistics.h \
	meter/stream.h meter/tcpstate.h meter/top.h meter/user.h \
	sandbox/sandbox.h scan/flow-cells.h scan/job.h scan/output.h scan/pool.h \
	scan/reading-state.h scan/reading.h scan/scan.h
MANS = flowd.8 flowd-reader.8 flowd.conf.5 flowd-store.5 flowd-exporters.7 \
	meter/softflowctl.8 meter/softflowd.8

# Programs in Python, on bindings/python, and what they have in common.
PYTHON_TOOLS = tools/flowd-logsock tools/flowd-rrd tools/flowd-sql \
	tools/flowd-stats tools/flowd-suspects
PYTHON_TOOLS_COMMON = tools/flowdtools/__init__.py tools/flowdtools/blocks.py \
	tools/flowdtools/charts.py tools/flowdtools/cli.py \
	tools/flowdtools/content.py tools/flowdtools/inserter.py \
	tools/flowdtools/logsock.py tools/flowdtools/rrd.py \
	tools/flowdtools/rrdtool.py tools/flowdtools/segments.py \
	tools/flowdtools/sql.py tools/flowdtools/sqldb.py \
	tools/flowdtools/sqlmarks.py tools/flowdtools/stats.py \
	tools/flowdtools/suspects.py tools/flowdtools/unixsock.py

# One program each, in cmocka: linked with all but the main functions.
UNIT_TESTS = tests/unit/account_test.c tests/unit/addr_test.c \
	tests/unit/allot_test.c tests/unit/answer_test.c tests/unit/arcfile_test.c \
	tests/unit/ask_test.c \
	tests/unit/batch_test.c \
	tests/unit/block_test.c tests/unit/bytes_test.c \
	tests/unit/channel_test.c tests/unit/column_damage_test.c \
	tests/unit/column_test.c \
	tests/unit/command_test.c \
	tests/unit/conf_test.c tests/unit/control_test.c \
	tests/unit/crc_test.c \
	tests/unit/anonymize_test.c \
	tests/unit/decode_element_test.c tests/unit/decode_error_test.c \
	tests/unit/decode_facts_test.c \
	tests/unit/decode_fixed_test.c tests/unit/decode_held_test.c \
	tests/unit/decode_hostile_test.c tests/unit/decode_ignored_test.c \
	tests/unit/decode_link_test.c tests/unit/decode_options_test.c \
	tests/unit/decode_packet_test.c tests/unit/decode_parts_test.c \
	tests/unit/decode_sequence_test.c tests/unit/decode_sets_test.c \
	tests/unit/decode_sflow_record_test.c tests/unit/decode_sflow_test.c \
	tests/unit/decode_template_test.c tests/unit/decode_time_test.c \
	tests/unit/decode_tunnel_test.c tests/unit/decode_values_test.c \
	tests/unit/decode_walk_test.c tests/unit/decode_wire_test.c \
	tests/unit/derive_test.c \
	tests/unit/dest_tcp_test.c tests/unit/dest_udp_test.c \
	tests/unit/destlist_test.c tests/unit/dict_test.c \
	tests/unit/encode_gather_test.c \
	tests/unit/encode_mirror_test.c tests/unit/encode_restart_test.c \
	tests/unit/encode_template_test.c tests/unit/encode_test.c \
	tests/unit/encode_values_test.c tests/unit/every_test.c \
	tests/unit/exchange_test.c \
	tests/unit/expire_test.c tests/unit/export_option_test.c \
	tests/unit/export_stream_test.c tests/unit/export_test.c \
	tests/unit/extra_test.c tests/unit/field_test.c \
	tests/unit/filter_index_test.c tests/unit/filter_test.c \
	tests/unit/flow_test.c \
	tests/unit/flowtab_test.c tests/unit/format_test.c \
	tests/unit/fragments_test.c tests/unit/group_test.c \
	tests/unit/intake_records_test.c tests/unit/intake_test.c tests/unit/ints_test.c \
	tests/unit/ipc_test.c tests/unit/learned_test.c tests/unit/ledger_test.c \
	tests/unit/keeper_test.c \
	tests/unit/keeper_workers_test.c \
	tests/unit/listener_test.c tests/unit/logfile_test.c \
	tests/unit/msgqueue_test.c tests/unit/names_test.c tests/unit/narrow_test.c \
	tests/unit/observe_frame_test.c tests/unit/observe_test.c \
	tests/unit/option_test.c tests/unit/output_test.c tests/unit/pacer_test.c \
	tests/unit/pack_test.c tests/unit/pair_test.c tests/unit/peer_test.c \
	tests/unit/print_test.c \
	tests/unit/privsep_test.c \
	tests/unit/progress_test.c tests/unit/psamp_test.c \
	tests/unit/question_test.c tests/unit/rank_test.c \
	tests/unit/reader_datagram_test.c tests/unit/reader_time_test.c \
	tests/unit/reading_test.c \
	tests/unit/records_test.c tests/unit/report_test.c tests/unit/reseal_test.c \
	tests/unit/rows_take_test.c tests/unit/rows_test.c \
	tests/unit/sandbox_test.c tests/unit/save_test.c \
	tests/unit/segname_test.c tests/unit/sheet_test.c \
	tests/unit/sealer_test.c tests/unit/sealing_test.c \
	tests/unit/shm_test.c \
	tests/unit/select_test.c \
	tests/unit/sort_test.c tests/unit/source_classic_test.c \
	tests/unit/source_equal_test.c \
	tests/unit/source_pcapng_test.c tests/unit/source_psamp_test.c \
	tests/unit/source_stream_test.c tests/unit/squeeze_test.c \
	tests/unit/statistics_test.c \
	tests/unit/stats_test.c tests/unit/store_damage_test.c \
	tests/unit/store_flat_test.c \
	tests/unit/store_test.c tests/unit/summary_test.c \
	tests/unit/table_test.c \
	tests/unit/tcpstate_test.c tests/unit/top_test.c \
	tests/unit/udp_send_test.c tests/unit/value_test.c \
	tests/unit/writer_test.c
# Name and value lines on standard output: see tests/bench/run.
BENCHES = tests/bench/bench_archive.c tests/bench/bench_decode.c tests/bench/bench_encode.c \
	tests/bench/bench_export.c tests/bench/bench_filter.c \
	tests/bench/bench_flowtab.c tests/bench/bench_intake.c \
	tests/bench/bench_observe.c tests/bench/bench_pack.c \
	tests/bench/bench_print.c \
	tests/bench/bench_rows.c tests/bench/bench_select.c \
	tests/bench/bench_source.c tests/bench/bench_store.c
# LLVMFuzzerTestOneInput each; corpora are in tests/fuzz/corpus/NAME.
FUZZERS = tests/fuzz/fuzz_channel.c tests/fuzz/fuzz_command.c \
	tests/fuzz/fuzz_conf.c tests/fuzz/fuzz_decode.c tests/fuzz/fuzz_dest.c \
	tests/fuzz/fuzz_encode.c tests/fuzz/fuzz_exporter.c \
	tests/fuzz/fuzz_flowtab.c tests/fuzz/fuzz_frame.c \
	tests/fuzz/fuzz_ipc.c tests/fuzz/fuzz_names.c \
	tests/fuzz/fuzz_observe.c tests/fuzz/fuzz_packet.c \
	tests/fuzz/fuzz_psamp.c tests/fuzz/fuzz_reading.c tests/fuzz/fuzz_savefile.c tests/fuzz/fuzz_segment.c \
	tests/fuzz/fuzz_select.c \
	tests/fuzz/fuzz_state.c tests/fuzz/fuzz_store.c
TOOLS = tests/bin/bothways tests/bin/confcheck tests/bin/decodehex tests/bin/elementdoc \
	tests/bin/encodehex tests/bin/flowgen tests/bin/flowload \
	tests/bin/flowrecv tests/bin/flowsend tests/bin/flowsink \
	tests/bin/flowsum tests/bin/framecount tests/bin/freeport tests/bin/mkarchive tests/bin/mkexport tests/bin/mkpcap \
	tests/bin/mkstore tests/bin/mktraffic tests/bin/pcapread \
	tests/bin/segmentcount tests/bin/storetext

LIBFLOWD_OBJS = $(LIBFLOWD_SRCS:.c=.o)
LANG_OBJS = $(LANG_SRCS:.c=.o)
FLOWD_OBJS = $(FLOWD_SRCS:.c=.o)
READER_OBJS = $(READER_SRCS:.c=.o)
SCAN_OBJS = $(SCAN_SRCS:.c=.o)
METER_OBJS = $(METER_SRCS:.c=.o)
CTL_OBJS = $(CTL_SRCS:.c=.o)
SHARED_OBJS = $(SHARED_SRCS:.c=.o)
OBJS = $(LIBFLOWD_OBJS) $(LANG_OBJS) $(FLOWD_OBJS) flowd.o \
	$(READER_OBJS) $(SCAN_OBJS) flowd-reader.o $(METER_OBJS) meter/softflowd.o \
	$(CTL_OBJS) meter/softflowctl.o
PYTHON_OBJS = $(PYTHON_SRCS:.c=.lo)
PYTHON_CORE = bindings/python/flowd/_core.abi3.so
NETFLOW_OBJS = $(NETFLOW_SRCS:.c=.lo)
NETFLOW_DECODE = bindings/python-netflow/netflow/_decode.abi3.so
UNIT_BINS = $(UNIT_TESTS:.c=.t)
BENCH_BINS = $(BENCHES:.c=.x)
FUZZ_BINS = $(FUZZERS:.c=.replay)

DEFS = -D_GNU_SOURCE -I. -DVERSION='"$(VERSION)"' \
	-DSYSCONFDIR='"$(sysconfdir)"' -DRUNDIR='"$(localstatedir)/run"' \
	-DPRIVSEP_USER='"$(PRIVSEP_USER)"' -DCHROOT_DIR='"$(CHROOT_DIR)"' \
	-DMETER_USER='"$(METER_USER)"'
COMPILE = $(CC) $(DEFS) $(FLOWD_CPPFLAGS) $(CPPFLAGS) $(FLOWD_CFLAGS) $(CFLAGS)
LINK = $(CC) $(FLOWD_CFLAGS) $(CFLAGS) $(FLOWD_LDFLAGS) $(LDFLAGS)
BUILD1 = $(COMPILE) $(FLOWD_LDFLAGS) $(LDFLAGS)
LIBS = $(LIB_PCAP) $(LIB_ZSTD) $(LIB_CRYPTO) $(LIB_Z) $(LIB_SECCOMP) \
	$(LIB_BSD) $(LIB_THREAD)
# Everything that a test can be about.
TEST_LIBS = tests/bin/libmeter.a tests/bin/libprograms.a $(LANG_OBJS) libflowd.a

all: flowd flowd-reader softflowd softflowctl

.SUFFIXES:
.SUFFIXES: .c .o .lo .t .x .replay .fuzz

.c.o:
	$(COMPILE) -c -o $@ $<

.c.lo:
	$(COMPILE) $(PYTHON_CPPFLAGS) -c -o $@ $<

.c.t:
	$(BUILD1) -o $@ $< $(TEST_LIBS) $(LIB_CMOCKA) $(LIBS)

.c.x:
	$(BUILD1) -o $@ $< $(TEST_LIBS) $(LIBS)

.c.replay:
	$(BUILD1) -o $@ $< tests/fuzz/main.o $(TEST_LIBS) $(LIBS)

.c.fuzz:
	$(BUILD1) -fsanitize=fuzzer -o $@ $< $(TEST_LIBS) $(LIBS)

$(OBJS): $(HDRS) config.h

libflowd.a: $(LIBFLOWD_OBJS)
	rm -f $@
	$(AR) cr $@ $(LIBFLOWD_OBJS)
	$(RANLIB) $@

flowd: flowd.o $(FLOWD_OBJS) $(LANG_OBJS) libflowd.a
	$(LINK) -o $@ flowd.o $(FLOWD_OBJS) $(LANG_OBJS) libflowd.a \
	    $(LIB_ZSTD) $(LIB_Z) $(LIB_SECCOMP) $(LIB_BSD)

flowd-reader: flowd-reader.o $(READER_OBJS) $(SCAN_OBJS) $(LANG_OBJS) libflowd.a
	$(LINK) -o $@ flowd-reader.o $(READER_OBJS) $(SCAN_OBJS) $(LANG_OBJS) libflowd.a \
	    $(LIBS)

softflowd: meter/softflowd.o $(METER_OBJS) $(SHARED_OBJS) libflowd.a
	$(LINK) -o $@ meter/softflowd.o $(METER_OBJS) $(SHARED_OBJS) libflowd.a \
	    $(LIBS)

softflowctl: meter/softflowctl.o $(CTL_OBJS)
	$(LINK) -o $@ meter/softflowctl.o $(CTL_OBJS) $(LIB_BSD)

python: have-python $(PYTHON_CORE)

netflow: have-python $(NETFLOW_DECODE)

have-python:
	@test -n "$(PYTHON_CPPFLAGS)" || { echo "this needs Python 3.11 or" \
	    "later and its headers (Debian: python3-dev); then run" \
	    "./configure again" >&2; exit 1; }

$(NETFLOW_OBJS): $(NETFLOW_HDRS)

$(NETFLOW_DECODE): $(NETFLOW_OBJS)
	$(CC) $(FLOWD_CFLAGS) $(CFLAGS) -shared $(PYTHON_LDFLAGS) $(LDFLAGS) \
	    -o $@ $(NETFLOW_OBJS)

$(PYTHON_OBJS): $(HDRS) $(PYTHON_HDRS) config.h

# What of the programs it needs.
PYTHON_LINKED = compat/sockopt.o compat/udp.o reader-time.o reader-word.o $(SCAN_OBJS) \
	$(LANG_OBJS)

$(PYTHON_CORE): $(PYTHON_OBJS) $(PYTHON_LINKED) libflowd.a
	$(CC) $(FLOWD_CFLAGS) $(CFLAGS) -shared $(PYTHON_LDFLAGS) $(LDFLAGS) \
	    -o $@ $(PYTHON_OBJS) $(PYTHON_LINKED) libflowd.a $(LIB_ZSTD) \
	    $(LIB_CRYPTO) $(LIB_Z) $(LIB_BSD) $(LIB_THREAD)

# What bindings of other languages are linked of, beside libflowd.
libscan.a: $(PYTHON_LINKED) libflowd.a
	rm -f $@
	$(AR) cr $@ $(PYTHON_LINKED)
	$(RANLIB) $@

PERL = perl

perl: have-perl libscan.a
	cd bindings/perl && $(PERL) Makefile.PL && $(MAKE)

have-perl:
	@$(PERL) -MConfig -MExtUtils::MakeMaker -e \
	    'exit !-e "$$Config{archlibexp}/CORE/perl.h"' || { echo \
	    "this needs perl and its headers (Debian: libperl-dev)" >&2; \
	    exit 1; }

parse.c: parse.y
	$(YACC) -d -o $@ parse.y

parse.h: parse.c

$(LANG_OBJS): parse.h

config.mk: config.mk.in config.status
	./config.status

# Tests.  make check TESTS=tests/daemon/x.sh runs only that; it takes
# TEST_JOBS at a time.
TESTS = $(UNIT_BINS) $(TEST_DIRS)
TEST_DIRS = tests/fuzz tests/config tests/decode tests/encode tests/store \
	tests/reader tests/daemon tests/meter tests/build tests/bindings
RUN_TESTS = BUILD="$$(pwd)" MAKE="$(MAKE)" tests/run

tests/bin/libprograms.a: $(FLOWD_OBJS) $(READER_OBJS) $(SCAN_OBJS)
	mkdir -p tests/bin
	rm -f $@
	$(AR) cr $@ $(FLOWD_OBJS) $(READER_OBJS) $(SCAN_OBJS)
	$(RANLIB) $@

tests/bin/libmeter.a: $(METER_OBJS) $(CTL_OBJS)
	mkdir -p tests/bin
	rm -f $@
	$(AR) cr $@ $(METER_OBJS) $(CTL_OBJS)
	$(RANLIB) $@

$(UNIT_BINS) $(BENCH_BINS) $(FUZZ_BINS): $(TEST_LIBS) $(HDRS)

$(UNIT_BINS): tests/unit/anyflow.h tests/unit/asked.h tests/unit/blocks.h \
	tests/unit/bothways.h \
	tests/unit/capture.h tests/unit/capture-equal.h tests/unit/flows.h \
	tests/unit/kept.h tests/unit/numbered.h tests/unit/samerows.h tests/unit/schemes.h tests/unit/vecs.h \
	tests/unit/dest.h tests/unit/frame.h tests/unit/options.h \
	tests/unit/sealed.h tests/unit/sflow.h tests/unit/tx.h \
	tests/unit/txmessage.h tests/unit/wire.h \
	tests/fuzz/check.h tests/fuzz/mirror.h tests/fuzz/mirror-check.h \
	tests/fuzz/mend.h tests/fuzz/selection.h tests/fuzz/selection-check.h

$(FUZZ_BINS): tests/unit/bothways.h tests/unit/flows.h tests/unit/vecs.h tests/fuzz/main.o tests/fuzz/check.h tests/fuzz/exporter.h \
	tests/fuzz/mirror.h tests/fuzz/mirror-check.h tests/fuzz/model.h \
	tests/fuzz/mend.h tests/fuzz/selection.h tests/fuzz/selection-check.h

tests/bench/bench_intake.x: tests/tools/flowload.h

# Linux; for tests/bench/meter-live.
tests/bin/blast: tests/bench/blast.c
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/bench/blast.c $(LIB_BSD)

tests/bin/bothways: tests/tools/bothways.c tests/unit/bothways.h \
    tests/unit/flows.h tests/bin/libprograms.a libflowd.a
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/bothways.c tests/bin/libprograms.a \
	    libflowd.a $(LIBS)

tests/bin/confcheck: tests/tools/confcheck.c $(LANG_OBJS) libflowd.a
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/confcheck.c $(LANG_OBJS) libflowd.a \
	    $(LIB_ZSTD) $(LIB_Z) $(LIB_BSD)

tests/bin/decodehex: tests/tools/decodehex.c libflowd.a
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/decodehex.c libflowd.a $(LIB_Z) $(LIB_BSD)

tests/bin/encodehex: tests/tools/encodehex.c libflowd.a
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/encodehex.c libflowd.a $(LIB_Z) $(LIB_BSD)

tests/bin/elementdoc: tests/tools/elementdoc.c tests/tools/elementnames.h \
    libflowd.a
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/elementdoc.c libflowd.a $(LIB_Z) $(LIB_BSD)

# The table of fields as a page.
docs: tests/bin/elementdoc
	tests/bin/elementdoc >docs/elements.md

tests/bin/flowgen: tests/tools/flowgen.c bytes.h
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/flowgen.c $(LIB_BSD)

tests/bin/flowload: tests/tools/flowload.c tests/tools/flowload.h
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/flowload.c $(LIB_BSD)

tests/bin/flowrecv: tests/tools/flowrecv.c
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/flowrecv.c $(LIB_BSD)

tests/bin/flowsend: tests/tools/flowsend.c bytes.h
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/flowsend.c $(LIB_PCAP) $(LIB_BSD)

tests/bin/flowsink: tests/tools/flowsink.c
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/flowsink.c $(LIB_BSD)

tests/bin/flowsum: tests/tools/flowsum.c libflowd.a
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/flowsum.c libflowd.a $(LIB_Z) $(LIB_BSD)

tests/bin/segmentcount: tests/tools/segmentcount.c libflowd.a
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/segmentcount.c libflowd.a $(LIB_ZSTD) \
	    $(LIB_Z) $(LIB_BSD)

tests/bin/framecount: tests/tools/framecount.c tests/bin/libmeter.a \
    tests/bin/libprograms.a libflowd.a
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/framecount.c tests/bin/libmeter.a \
	    tests/bin/libprograms.a libflowd.a $(LIBS)

tests/bin/freeport: tests/tools/freeport.c
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/freeport.c $(LIB_BSD)

tests/bin/mkarchive: tests/tools/mkarchive.c libflowd.a
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/mkarchive.c libflowd.a $(LIB_ZSTD) \
	    $(LIB_Z) $(LIB_BSD)

tests/bin/mkexport: tests/tools/mkexport.c bytes.h
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/mkexport.c $(LIB_BSD)

tests/bin/mkpcap: tests/tools/mkpcap.c bytes.h
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/mkpcap.c $(LIB_PCAP) $(LIB_BSD)

tests/bin/mkstore: tests/tools/mkstore.c libflowd.a
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/mkstore.c libflowd.a $(LIB_Z) $(LIB_BSD)

tests/bin/mktraffic: tests/tools/mktraffic.c bytes.h
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/mktraffic.c $(LIB_BSD)

tests/bin/pcapread: tests/tools/pcapread.c
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/pcapread.c $(LIB_PCAP)

tests/bin/storetext: tests/tools/storetext.c libflowd.a
	mkdir -p tests/bin
	$(BUILD1) -o $@ tests/tools/storetext.c libflowd.a $(LIB_Z) $(LIB_BSD)

tools: $(TOOLS)

have-cmocka:
	@test -n "$(LIB_CMOCKA)" || { echo "the unit tests need cmocka" \
	    "(Debian: libcmocka-dev); then run ./configure again" >&2; exit 1; }

tests: have-cmocka all $(TOOLS) $(UNIT_BINS) $(FUZZ_BINS)
	@test -z "$(PYTHON_CPPFLAGS)" || $(MAKE) python netflow
	@! $(MAKE) have-perl >/dev/null 2>&1 || $(MAKE) perl

check: tests
	$(RUN_TESTS) $(TESTS)

# Package flowd as others get it: compiles all of it anew.
check-package: tests
	$(RUN_TESTS) tests/package

check-root: tests
	@test "$$(id -u)" = 0 || { echo "check-root: run it as root" >&2; \
	    exit 1; }
	$(RUN_TESTS) $$(grep -l '^need_root' tests/*/*.sh)

fuzz-replay: $(FUZZ_BINS)
	$(RUN_TESTS) tests/fuzz

# In a build of their own, by clang: build/fuzz.  What they find stays there.
FUZZ_SECONDS = 60
fuzz:
	FUZZERS='$(FUZZERS)' MAKE="$(MAKE)" tests/fuzz/run $(FUZZ_SECONDS)

# Which lines of decode/ the corpora reach: needs clang and llvm.
fuzz-coverage:
	FUZZERS='$(FUZZERS)' MAKE="$(MAKE)" tests/fuzz/coverage

fuzzers: $(FUZZERS:.c=.fuzz)

$(FUZZERS:.c=.fuzz): $(TEST_LIBS)

bench: all $(TOOLS) $(BENCH_BINS)
	BUILD="$$(pwd)" BENCHES='$(BENCH_BINS)' tests/bench/run

# The same, and its tables into docs/performance.md.
bench-page: all $(TOOLS) $(BENCH_BINS)
	rm -rf build/tables
	mkdir -p build/tables
	BENCH_TABLES="$$(pwd)/build/tables" BUILD="$$(pwd)" \
	    BENCHES='$(BENCH_BINS)' tests/bench/run
	tests/bench/page build/tables

lint: all
	HDRS='$(HDRS)' PERL_HDRS='$(PERL_HDRS)' PYTHON_HDRS='$(PYTHON_HDRS) $(NETFLOW_HDRS)' \
	    PYTHON_CPPFLAGS='$(PYTHON_CPPFLAGS)' LIBFLOWD_SRCS='$(LIBFLOWD_SRCS)' MANS='$(MANS)' \
	    BUILD="$$(pwd)" tests/lint/run

update: all $(TOOLS)
	UPDATE=yes $(RUN_TESTS) tests/config tests/decode tests/store \
	    tests/reader
	git diff --stat -- tests

# Installation.
INSTALL = install
sbin = $(DESTDIR)$(sbindir)
bin = $(DESTDIR)$(bindir)
man = $(DESTDIR)$(mandir)
etc = $(DESTDIR)$(sysconfdir)
bash = $(DESTDIR)$(datarootdir)/bash-completion/completions
zsh = $(DESTDIR)$(datarootdir)/zsh/site-functions

COMPLETED = flowd-reader softflowd softflowctl

install: all
	$(INSTALL) -d $(sbin) $(bin) $(man)/man5 $(man)/man7 $(man)/man8 $(etc) $(bash) \
	    $(zsh)
	for p in flowd softflowd softflowctl; do \
		$(INSTALL) -m 755 $$p $(sbin)/$$p || exit 1; \
	done
	$(INSTALL) -m 755 flowd-reader $(bin)/flowd-reader
	mkdir -p build
	for m in $(MANS); do \
		n=$${m##*/}; \
		sed -e 's,/etc/flowd\.conf,$(sysconfdir)/flowd.conf,g' \
		    -e 's,/etc/softflowd\.conf,$(sysconfdir)/softflowd.conf,g' \
		    $$m >build/$$n || exit 1; \
		$(INSTALL) -m 644 build/$$n $(man)/man$${n##*.}/$$n || \
		    exit 1; \
	done
	for f in flowd softflowd; do \
		$(INSTALL) -m 644 packaging/$$f.conf \
		    $(etc)/$$f.conf.example || exit 1; \
	done
	test -e $(etc)/flowd.conf || \
	    $(INSTALL) -m 600 packaging/flowd.conf $(etc)/flowd.conf
	for p in $(COMPLETED); do \
		$(INSTALL) -m 644 packaging/completion/$$p.bash \
		    $(bash)/$$p || exit 1; \
		$(INSTALL) -m 644 packaging/completion/_$$p $(zsh)/_$$p || \
		    exit 1; \
	done

# The programs in Python, and package flowd for them, which is used unless Python
# has it anyway.  WITH_PACKAGE=no leaves it out.
toolslib = $(exec_prefix)/lib/flowd
WITH_PACKAGE = yes
install-tools: python
	$(INSTALL) -d $(bin) $(man)/man1 $(DESTDIR)$(toolslib)/flowdtools
	mkdir -p build
	for p in $(PYTHON_TOOLS); do \
		n=$${p##*/}; \
		sed -e '1s,.*,#!$(PYTHON),' \
		    -e 's,^sys\.path\[:0\].*,sys.path.append("$(toolslib)"),' \
		    -e '/^HERE = /d' -e '/^import os$$/d' $$p >build/$$n || exit 1; \
		$(INSTALL) -m 755 build/$$n $(bin)/$$n || exit 1; \
		$(INSTALL) -m 644 $$p.1 $(man)/man1/$$n.1 || exit 1; \
	done
	for f in $(PYTHON_TOOLS_COMMON); do \
		$(INSTALL) -m 644 $$f $(DESTDIR)$(toolslib)/flowdtools || exit 1; \
	done
	test $(WITH_PACKAGE) != yes || { \
		$(INSTALL) -d $(DESTDIR)$(toolslib)/flowd && \
		$(INSTALL) -m 644 bindings/python/flowd/*.py $(PYTHON_CORE) \
		    $(DESTDIR)$(toolslib)/flowd; \
	}

uninstall-tools:
	for p in $(PYTHON_TOOLS); do \
		n=$${p##*/}; rm -f $(bin)/$$n $(man)/man1/$$n.1; \
	done
	rm -rf $(DESTDIR)$(toolslib)

# Your flowd.conf stays.
uninstall:
	rm -f $(sbin)/flowd $(sbin)/softflowd $(sbin)/softflowctl \
	    $(bin)/flowd-reader $(etc)/flowd.conf.example \
	    $(etc)/softflowd.conf.example
	for p in $(COMPLETED); do rm -f $(bash)/$$p $(zsh)/_$$p; done
	for m in $(MANS); do \
		n=$${m##*/}; rm -f $(man)/man$${n##*.}/$$n; \
	done

# What git knows, and what autoconf makes of it.
DIST = flowd-$(VERSION)
dist: configure config.h.in
	rm -rf build/$(DIST)
	mkdir -p build/$(DIST)
	git ls-files -z | xargs -0 tar cf - | (cd build/$(DIST) && tar xf -)
	cp configure config.h.in build/$(DIST)/
	cd build && tar cf - $(DIST) | gzip -9 >../$(DIST).tar.gz
	rm -rf build/$(DIST)

configure: configure.ac
	autoconf

config.h.in: configure.ac
	autoheader

clean:
	rm -f *.o archive/*.o compat/*.o decode/*.o encode/*.o meter/*.o \
	    query/*.o sandbox/*.o scan/*.o
	rm -f bindings/python/core/*.lo $(PYTHON_CORE)
	rm -f bindings/python-netflow/decode/*.lo $(NETFLOW_DECODE)
	test ! -e bindings/perl/Makefile || \
	    (cd bindings/perl && $(MAKE) distclean)
	rm -f tests/fuzz/*.o libflowd.a libscan.a parse.c parse.h
	rm -f flowd flowd-reader softflowd softflowctl
	rm -f tests/unit/*.t tests/bench/*.x tests/fuzz/*.replay
	rm -rf tests/bin build

distclean: clean
	rm -rf autom4te.cache
	rm -f config.h config.h.in config.log config.mk config.status configure
	rm -f config.h.in~ configure~ flowd-*.tar.gz

.PHONY: all bench bench-page check check-package check-root clean dist distclean docs \
	fuzz fuzz-replay \
	fuzzers have-cmocka have-perl have-python install install-tools lint \
	netflow perl python tests tools uninstall uninstall-tools update
