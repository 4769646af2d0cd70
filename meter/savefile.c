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

#include <pcap/dlt.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter/savefile.h"

#define NG_MAGIC 0x0a0d0d0a /* the same in both byte orders */
#define WHY_MAX 256

/* Where the file's number and libpcap's differ, or did on some system. */
static const struct {
	uint32_t linktype;
	int dlt;
} linktypes[] = {
    {12, DLT_RAW},
    {14, DLT_RAW},
    {101, DLT_RAW},
    {104, DLT_C_HDLC},
    {108, DLT_LOOP},
    {109, DLT_ENC},
    {117, DLT_PFLOG},
};

int
savefile_dlt(uint32_t linktype)
{
	size_t i;

	for (i = 0; i < sizeof(linktypes) / sizeof(linktypes[0]); i++)
		if (linktypes[i].linktype == linktype)
			return (linktypes[i].dlt);
	return ((int)linktype);
}

enum source_state
savefile_bad(struct savefile *s, const char *fmt, ...)
{
	char why[WHY_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return (SOURCE_FAIL(s->source, "%s at byte %" PRIu64, why,
	    stream_offset(s->stream)));
}

enum source_state
savefile_want(struct savefile *s, size_t len)
{
	progress_show(s->progress, stream_taken(s->stream), s->frames);
	switch (stream_fill(s->stream, len)) {
	case STREAM_READY:
		return (SOURCE_MORE);
	case STREAM_WAIT:
		return (SOURCE_IDLE);
	case STREAM_END:
		if (stream_rd(s->stream)->left == 0)
			return (SOURCE_END);
		return (savefile_bad(s, "the file is cut short"));
	default:
		return (savefile_bad(s, "%s", stream_error(s->stream)));
	}
}

/* What a head needs may come slowly, and who opens the file has to wait. */
static enum source_state
wait_for(struct savefile *s, size_t len)
{
	struct pollfd pfd = {.fd = stream_fd(s->stream), .events = POLLIN};
	enum source_state state;

	while ((state = savefile_want(s, len)) == SOURCE_IDLE)
		if (poll(&pfd, 1, -1) == -1)
			return (SOURCE_FAIL(s->source, "%s", strerror(errno)));
	if (state == SOURCE_END)
		return (savefile_bad(s, "the file is empty"));
	return (state);
}

static int
open_format(struct savefile *s)
{
	enum source_state state;

	if (wait_for(s, 4) != SOURCE_MORE)
		return (-1);
	s->format = be32(stream_rd(s->stream)->p) == NG_MAGIC
	    ? &savefile_pcapng
	    : &savefile_classic;
	while ((state = s->format->open(s)) == SOURCE_IDLE)
		if (wait_for(s, stream_rd(s->stream)->left + 1) != SOURCE_MORE)
			return (-1);
	return (state == SOURCE_MORE ? 0 : -1);
}

static enum source_state
read_frames(struct source *source, int max, source_frame_fn *fn, void *arg,
    int *n)
{
	const struct savefile_call call = {max, fn, arg, n};
	struct savefile *s = source->self;
	enum source_state state;

	if (s->stopped)
		return (SOURCE_END);
	state = s->format->read(s, &call);
	s->frames += (uint64_t)*n;
	return (state);
}

static int
poll_fd(const struct source *source)
{
	const struct savefile *s = source->self;

	return (stream_fd(s->stream));
}

static void
losses(struct source *source, struct source_losses *l)
{
	const struct savefile *s = source->self;

	l->received = s->frames;
	l->other_link = s->other_link;
}

static void
stop(struct source *source, bool on)
{
	struct savefile *s = source->self;

	s->stopped = on;
}

static void
close_file(struct source *source)
{
	struct savefile *s = source->self;

	progress_free(s->progress);
	sieve_free(s->sieve);
	if (s->self != NULL)
		s->format->close(s);
	stream_free(s->stream);
	free(s);
}

static const struct source_ops ops = {read_frames, poll_fd, losses, stop,
    close_file};

int
savefile_open(struct source *source, const struct source_config *config)
{
	struct savefile *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (source_fail(source, "%s", strerror(errno)));
	source->ops = &ops;
	source->self = s;
	s->source = source;
	if ((s->stream = stream_open(config->file)) == NULL)
		return (source_fail(source, "%s", strerror(errno)));
	if (open_format(s) == -1)
		return (-1);
	if (config->filter != NULL && config->filter[0] != '\0' &&
	    (s->sieve = sieve_new(config->filter, source->dlt, source->error,
		 sizeof(source->error))) == NULL)
		return (-1);
	if (config->progress)
		s->progress = progress_new(stream_size(s->stream));
	return (0);
}
