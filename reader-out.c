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
 * A flow, through the filters, to standard output and to the file of -o.
 */

#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader-answer.h"

#define SINK_SIZE 262144

struct sink {
	const char *name;
	int fd;
	bool regular; /* may be cut back to a record boundary */
	bool tty;
	bool shared;   /* of several threads: none of them may exit */
	bool dead;     /* nobody reads it any more */
	uint64_t done; /* bytes written */
	size_t len;
	char buf[SINK_SIZE];
};

volatile sig_atomic_t reader_stop;
const char scan_unread[] = "nobody reads standard output";

void
reader_note(struct reader *r, enum reader_status status)
{
	if (r->status != READER_FAILED && status != READER_OK)
		r->status = status;
}

static struct sink *
sink_new(const char *name, int fd)
{
	struct sink *s;
	struct stat st;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		err(READER_FAILED, NULL);
	s->name = name;
	s->fd = fd;
	s->tty = isatty(fd) == 1;
	s->regular =
	    fd != STDOUT_FILENO && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	return (s);
}

struct sink *
sink_stdout(void)
{
	return (sink_new("standard output", STDOUT_FILENO));
}

/* Writing to what is being read would never end, or destroy it. */
void
sink_refuse(int fd, const char *path, const struct files *files)
{
	struct stat out, in;
	size_t i;

	if (fstat(fd, &out) == -1 || !S_ISREG(out.st_mode))
		return;
	for (i = 0; i < files->n; i++) {
		const struct file *f = &files->all[i];

		if ((strcmp(f->path, "-") == 0 ? fstat(STDIN_FILENO, &in)
					       : stat(f->path, &in)) == -1)
			continue;
		if (in.st_dev == out.st_dev && in.st_ino == out.st_ino)
			errx(READER_FAILED, "%s: is read and written at once",
			    path);
	}
}

struct sink *
sink_file(const char *path, const struct files *files)
{
	struct sink *s;
	int fd;

	if (strcmp(path, "-") == 0) {
		if (isatty(STDOUT_FILENO))
			errx(READER_FAILED,
			    "-o -: records are not for a terminal");
		sink_refuse(STDOUT_FILENO, "standard output", files);
		return (sink_stdout());
	}
	/* Flows tell who talks to whom: nobody else's business. */
	if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) == -1)
		err(READER_FAILED, "%s", path);
	sink_refuse(fd, path, files);
	s = sink_new(path, fd);
	if (s->regular && ftruncate(fd, 0) == -1)
		err(READER_FAILED, "%s", path);
	return (s);
}

static void
sink_failed(struct reader *r, struct sink *s)
{
	int saved = errno;

	/* head(1) has seen enough, and that is no fault. */
	if (saved == EPIPE) {
		if (!s->shared && (r->binary == NULL || r->binary == s))
			exit((int)r->status);
		s->dead = true;
		return;
	}
	if (s->regular)
		(void)!ftruncate(s->fd, (off_t)s->done);
	errno = saved;
	err(READER_FAILED, "%s: write", s->name);
}

void
sink_flush(struct reader *r, struct sink *s)
{
	size_t at;
	ssize_t n;

	for (at = 0; at < s->len && !s->dead; at += (size_t)n) {
		n = write(s->fd, s->buf + at, s->len - at);
		if (n == -1 && errno == EINTR)
			n = 0;
		else if (n == -1) {
			sink_failed(r, s);
			n = 0;
		}
	}
	s->done += s->len;
	s->len = 0;
}

/* Room for a line or a record: whole ones are written. */
static char *
sink_room(struct reader *r, struct sink *s, size_t need)
{
	if (SINK_SIZE - s->len < need)
		sink_flush(r, s);
	return (s->buf + s->len);
}

static void
end_line(struct sink *s, size_t len)
{
	s->buf[s->len + len] = '\n';
	s->len += len + 1;
}

void
out_line(struct reader *r, const char *line)
{
	size_t len = strlen(line);
	char *room;

	if (r->text == NULL)
		return;
	/* A path may be as long as it likes: its tail goes missing. */
	if (len > SINK_SIZE - 1)
		len = SINK_SIZE - 1;
	room = sink_room(r, r->text, len + 1);
	memcpy(room, line, len);
	end_line(r->text, len);
}

void
out_header(struct reader *r)
{
	struct sink *s = r->text;
	char *room;

	if (s == NULL)
		return;
	if (r->format == READER_FLOWTOOLS)
		out_line(r, format_flowtools_header);
	if (r->format != READER_CSV)
		return;
	room = sink_room(r, s, FORMAT_MAX + 1);
	end_line(s, format_csv_header(room, FORMAT_MAX, &r->columns));
}

static bool
in_window(const struct reader *r, const struct flow *f)
{
	int64_t when;

	if (r->scan.since == INT64_MIN && r->scan.until == INT64_MAX)
		return (true);
	if (flow_has(f, FLOW_RECV_TIME))
		when = f->recv_time;
	else if (flow_has(f, FLOW_START))
		when = f->start;
	else
		return (false);
	return (when >= r->scan.since && when < r->scan.until);
}

static bool
wanted(const struct reader *r, struct store_record *rec)
{
	if (!in_window(r, &rec->flow))
		return (false);
	if (r->rules != NULL &&
	    filter_match(r->rules, &rec->flow) == FILTER_DISCARD)
		return (false);
	if (r->clauses != NULL &&
	    filter_match(r->clauses, &rec->flow) == FILTER_DISCARD)
		return (false);
	if (flow_has(&rec->flow, FLOW_TAG))
		rec->fields |= STORE_TAG;
	return (true);
}

/* A record that had no checksum is not vouched for now, as ever. */
static void
out_binary(struct reader *r, const struct store_record *rec)
{
	struct sink *s = r->binary;
	uint32_t mask = r->store_mask;
	char *room = sink_room(r, s, STORE_WRITEMAX);
	struct wr wr = wr_init(room, SINK_SIZE - s->len);

	if (rec->fields != 0 && (rec->fields & STORE_CRC32) == 0)
		mask &= ~STORE_CRC32;
	if (store_write(&wr, &rec->flow, mask) == STORE_OK)
		s->len = SINK_SIZE - wr.left;
}

size_t
out_record(const struct reader *r, char *to, const struct store_record *rec)
{
	if (r->format == READER_FLOWTOOLS)
		return (format_flowtools(to, FORMAT_MAX, rec));
	return (format_classic(to, FORMAT_MAX, rec,
	    r->text_mask & r->store_mask, r->utc));
}

static void
out_text(struct reader *r, const struct store_record *rec)
{
	struct sink *s = r->text;
	char *room = sink_room(r, s, FORMAT_MAX + 1);
	size_t len = 0;

	switch (r->format) {
	case READER_CLASSIC:
	case READER_FLOWTOOLS:
		len = out_record(r, room, rec);
		break;
	case READER_TEXT:
		len = format_text(room, FORMAT_MAX, &rec->flow, &r->columns,
		    r->utc);
		break;
	case READER_CSV:
		len = format_csv(room, FORMAT_MAX, &rec->flow, &r->columns);
		break;
	case READER_NDJSON:
		len = format_json(room, FORMAT_MAX, &rec->flow, &r->columns);
		break;
	default:
		return;
	}
	end_line(s, len);
}

void
out_flow(void *arg, struct store_record *rec)
{
	struct reader *r = arg;

	if (!wanted(r, rec))
		return;
	if (r->binary != NULL)
		out_binary(r, rec);
	if (r->text == NULL)
		return;
	if (r->store_mask != STORE_ALL && r->format != READER_CLASSIC &&
	    r->format != READER_FLOWTOOLS)
		scan_limit(&rec->flow, r->store_mask);
	out_text(r, rec);
}

const char *
out_put(void *arg, const char *p, size_t len)
{
	struct reader *r = arg;
	struct sink *s = r->text;
	size_t n;

	if (s != NULL)
		s->shared = true;
	for (; s != NULL && len > 0; p += n, len -= n) {
		if (s->len == SINK_SIZE)
			sink_flush(r, s);
		if (s->dead)
			return (scan_unread);
		n = SINK_SIZE - s->len < len ? SINK_SIZE - s->len : len;
		memcpy(s->buf + s->len, p, n);
		s->len += n;
	}
	return (NULL);
}

void
out_visible(struct reader *r)
{
	if (r->text != NULL && (r->text->tty || r->scan.follow))
		sink_flush(r, r->text);
	if (r->binary != NULL && r->scan.follow)
		sink_flush(r, r->binary);
}

static void
sink_close(struct reader *r, struct sink *s)
{
	if (s == NULL)
		return;
	sink_flush(r, s);
	/* Some file systems tell only now that the disk is full. */
	if (close(s->fd) == -1 && errno != EINTR)
		sink_failed(r, s);
	free(s);
}

void
out_close(struct reader *r)
{
	sink_close(r, r->text);
	sink_close(r, r->binary);
	r->text = r->binary = NULL;
}
