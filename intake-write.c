/*
 * Copyright (c) 2026 The flowd authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * What the intake has written, and where: the files as the parent hands them
 * over, what became of writes, and what the ledger says of that.
 */

#include <stdlib.h>

#include "intake-inside.h"
#include "log.h"

void
intake_init_sinks(struct intake *in)
{
	in->log_sink = (struct sink){.which = LEDGER_LOG,
	    .name = "logfile",
	    .ledger = in->ledger};
	in->archive_sink = (struct sink){.which = LEDGER_ARCHIVE,
	    .name = "archive",
	    .ledger = in->ledger};
	sink_init(&in->log_sink, CONF_BUFFER);
	sink_init(&in->archive_sink, CONF_BUFFER);
}

void
intake_use(struct intake *in, struct writer *writer)
{
	in->log.writer = writer;
	in->archive.now.file.writer = in->archive.next.file.writer = writer;
}

/*
 * Where the flows that are counted end: what is behind is a crash's.  Of a log
 * that others write to, too, nobody can tell.
 */
static void
note_file(struct ledger_segment *s, const struct logfile *l)
{
	if (s->number != l->number)
		s->number = 0;
	s->end = l->end;
	s->flows = l->stored;
	s->number = l->number;
}

/* Those that were left, as far as there is room; no more are listed. */
static void
note_left(struct ledger_segment *to, const struct ledger_segment *end,
    const struct logfile *left)
{
	for (; left != NULL && to < end; left = left->next)
		note_file(to++, left);
	for (; to < end; to++)
		to->number = 0;
}

static void
note_logs(struct intake *in)
{
	struct ledger_segment *to = in->page->log;

	if (in->log.fd != -1 && !in->log.shared)
		note_file(to++, &in->log);
	note_left(to, in->page->log + LEDGER_LOGS,
	    in->log.shared ? NULL : in->log_before);
}

static void
note_segments(struct intake *in)
{
	const struct arcseg *segs[] = {&in->archive.now, &in->archive.next};
	struct ledger_segment *to = in->page->archive;
	size_t i;

	for (i = 0; i < 2; i++)
		if (segs[i]->file.fd != -1)
			note_file(to++, &segs[i]->file);
	note_left(to, in->page->archive + LEDGER_SEGMENTS, in->archive.before);
}

static void
log_done(struct intake *in, enum logfile_state was,
    const struct logfile_done *done)
{
	if (done->flows > 0) {
		note_logs(in);
		sink_wrote(&in->log_sink, done);
	}
	if (done->changed)
		sink_say(&in->log_sink, was, &in->log, in->log.flows);
}

static void
archive_done(struct intake *in, enum logfile_state was,
    const struct logfile_done *done)
{
	const struct logfile *worst = arcfile_worst(&in->archive);

	note_segments(in);
	if (done->flows > 0)
		sink_wrote(&in->archive_sink, done);
	if (worst->state != was && was != LOGFILE_NONE)
		sink_say(&in->archive_sink, was, worst,
		    arcfile_waiting(&in->archive));
}

void
intake_flush_log(struct intake *in)
{
	enum logfile_state was = in->log.state;
	struct logfile_done done = logfile_flush(&in->log);

	log_done(in, was, &done);
}

void
intake_flush_archive(struct intake *in)
{
	enum logfile_state was = arcfile_worst(&in->archive)->state;
	struct logfile_done done = arcfile_flush(&in->archive);

	archive_done(in, was, &done);
}

void
intake_flush(struct intake *in)
{
	intake_flush_log(in);
	intake_flush_archive(in);
}

/* There is no place for what waits. */
static void
lose_log(struct intake *in)
{
	in->log_sink.cause = FATE_LOST_NOLOG;
	sink_lost(&in->log_sink, FATE_LOST_NOLOG, logfile_discard(&in->log));
}

static void
lose_archive(struct intake *in)
{
	in->archive_sink.cause = FATE_LOST_NOLOG;
	sink_lost(&in->archive_sink, FATE_LOST_NOLOG,
	    arcfile_discard(&in->archive));
}

static bool
log_wrote(struct intake *in, struct writing *w)
{
	enum logfile_state was = in->log.state;
	struct logfile_done done = {0};

	if (!logfile_wrote(&in->log, w, &done) &&
	    !logfiles_wrote(&in->log_before, w, &in->log, &done))
		return (false);
	log_done(in, was, &done);
	if (in->log.state == LOGFILE_NONE)
		lose_log(in);
	return (true);
}

bool
intake_wrote(struct intake *in, struct writing *w)
{
	enum logfile_state was = arcfile_worst(&in->archive)->state;
	struct logfile_done done = {0};

	if (log_wrote(in, w))
		return (true);
	if (!arcfile_wrote(&in->archive, w, &done))
		return (false);
	archive_done(in, was, &done);
	if (in->archive.now.file.state == LOGFILE_NONE)
		lose_archive(in);
	return (true);
}

void
intake_set_log(struct intake *in, int fd, uint32_t number, bool shared)
{
	enum logfile_state was;

	intake_flush_log(in);
	was = in->log.state;
	if (in->log.busy && logfile_leave(&in->log, &in->log_before) == -1)
		fatal("memory for the log");
	logfile_set(&in->log, fd, number);
	in->log.shared = shared;
	/* A crash leaves nothing behind this, not even of the first write. */
	note_logs(in);
	if (fd == -1)
		lose_log(in);
	else if (was != LOGFILE_OPEN && was != LOGFILE_NONE)
		sink_say(&in->log_sink, was, &in->log, in->log.flows);
}

void
intake_set_archive(struct intake *in, int fd, uint32_t number, int64_t from)
{
	intake_flush_archive(in);
	arcfile_set(&in->archive, fd, number, from);
	note_segments(in);
	if (fd == -1)
		lose_archive(in);
}

void
intake_pass(struct intake *in, int64_t now)
{
	enum logfile_state was = arcfile_worst(&in->archive)->state;
	struct logfile_done done = arcfile_pass(&in->archive, now);

	archive_done(in, was, &done);
}

bool
intake_busy(const struct intake *in)
{
	return (in->log.busy || in->log_before != NULL ||
	    in->archive.now.file.busy || in->archive.next.file.busy ||
	    in->archive.before != NULL);
}

uint64_t
intake_waiting(const struct intake *in)
{
	return (in->log.flows + logfiles_flows(in->log_before) +
	    arcfile_waiting(&in->archive));
}

void
intake_give_up(struct intake *in)
{
	struct sink *log = &in->log_sink, *archive = &in->archive_sink;

	log->cause = sink_cause(in->log.state);
	sink_lost(log, log->cause,
	    logfile_discard(&in->log) + logfiles_discard(in->log_before));
	archive->cause = sink_cause(arcfile_worst(&in->archive)->state);
	sink_lost(archive, archive->cause, arcfile_give_up(&in->archive));
}
