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

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "allot.h"
#include "decode/save.h"
#include "learned.h"
#include "log.h"
#include "statefile.h"

/*
 * Between two savings: a small file soon, a large one, which may be a flood's,
 * seldom, and one that has nothing but later times of templates more so.
 */
#define WAIT_SMALL (5 * NSEC_PER_SEC)
#define WAIT_LARGE (60 * NSEC_PER_SEC)
#define WAIT_TIMES (600 * NSEC_PER_SEC)
#define LARGE (1024U * 1024)

static int64_t
wall_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ((int64_t)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec);
}

static uint64_t
changes(const struct intake *in)
{
	struct dec_usage u;

	decode_usage(in->dec, &u);
	return (u.changes);
}

/* All of a file; NULL with errno. */
static uint8_t *
read_all(int fd, size_t *len)
{
	struct stat st;
	uint8_t *buf;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return (NULL);
	if (st.st_size < 0 || st.st_size > (off_t)STATEFILE_MAX) {
		errno = EFBIG;
		return (NULL);
	}
	if ((buf = malloc((size_t)st.st_size + 1)) == NULL)
		return (NULL);
	for (*len = 0; *len < (size_t)st.st_size; *len += (size_t)n) {
		n = read(fd, buf + *len, (size_t)st.st_size - *len);
		if (n == -1) {
			free(buf);
			return (NULL);
		}
		if (n == 0)
			break; /* shorter than it was: what is there counts */
	}
	return (buf);
}

static void
say_loaded(const struct state_report *r)
{
	char when[32] = "a time unknown";
	time_t t = (time_t)(r->info.time / NSEC_PER_SEC);
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	log_info("state: %" PRIu32 " exporters, %" PRIu32 " templates, %" PRIu32
		 " facts of %s loaded, %" PRIu32 " skipped",
	    r->exporters, r->templates, r->facts, when,
	    r->damaged + r->unknown + r->unwanted + r->refused);
	if (r->unwanted > 0)
		log_info("state: %" PRIu32 " skipped of exporters that may "
			 "not send any more",
		    r->unwanted);
	if (r->unknown > 0)
		log_info("state: %" PRIu32 " skipped of kinds that are not "
			 "known",
		    r->unknown);
	if (r->refused > 0)
		log_warnx("state: %" PRIu32 " skipped that cannot be, or have "
			  "no room",
		    r->refused);
	if (r->damaged > 0 || r->cut)
		log_warnx("state: damaged in %" PRIu32 " places%s", r->damaged,
		    r->cut ? ", and its end is missing" : "");
}

struct source {
	struct addr agent;
	uint16_t port;
};

/* The state files of one start, read one after the other. */
struct loading {
	const struct intake *in;
	const struct share *share;
	struct source *got; /* those of files before this are sorted */
	size_t before, n, size;
	uint32_t elsewhere; /* chunks that others keep */
};

static int
order(const void *a, const void *b)
{
	const struct source *x = a, *y = b;
	int d = addr_cmp(&x->agent, &y->agent);

	return (d != 0 ? d : (int)x->port - (int)y->port);
}

static bool
ours(const struct share *s, const struct addr *agent)
{
	/* To a group anybody may send; that is the first one's. */
	return (allot_of(agent, s->workers) == s->worker ||
	    (s->groups && s->worker == 0));
}

/* Without memory it is like one that was not there yet. */
static void
note_source(struct loading *l, const struct source *s)
{
	size_t size = l->size == 0 ? 64 : l->size * 2;
	struct source *got = l->got;

	if (l->n > l->before && order(&l->got[l->n - 1], s) == 0)
		return;
	if (l->n == l->size) {
		got = reallocarray(got, size, sizeof(*got));
		if (got == NULL)
			return;
		l->got = got;
		l->size = size;
	}
	l->got[l->n++] = *s;
}

/* What one file has of an exporter is not mixed with what an older one has. */
static bool
wanted(void *arg, struct dec_source *src)
{
	struct loading *l = arg;
	const struct source s = {.agent = src->agent, .port = src->port};

	if (!intake_source(l->in, src))
		return (false);
	if (!ours(l->share, &s.agent) ||
	    (l->before > 0 &&
		bsearch(&s, l->got, l->before, sizeof(s), order) != NULL)) {
		l->elsewhere++;
		return (false);
	}
	note_source(l, &s);
	return (true);
}

static void
add_report(struct state_report *sum, const struct state_report *r)
{
	if (sum->info.time < r->info.time)
		sum->info.time = r->info.time;
	sum->exporters += r->exporters;
	sum->templates += r->templates;
	sum->facts += r->facts;
	sum->damaged += r->damaged;
	sum->unknown += r->unknown;
	sum->unwanted += r->unwanted;
	sum->refused += r->refused;
	sum->cut = sum->cut || r->cut;
	sum->info.clean = sum->info.clean || r->info.clean;
}

/* False if nothing can be taken of it, which is said. */
static bool
load_one(struct loading *l, struct intake *in, int fd, struct state_report *r)
{
	const struct state_reader how = {.time = wall_clock(),
	    .source = wanted,
	    .arg = l};
	enum state_result result;
	uint8_t *buf;
	size_t len;

	if ((buf = read_all(fd, &len)) == NULL) {
		log_warn("state: cannot be read");
		return (false);
	}
	l->before = l->n;
	l->elsewhere = 0;
	if (l->n > 0)
		qsort(l->got, l->n, sizeof(*l->got), order);
	result = decode_load(in->dec, rd_init(buf, len), &how, r);
	free(buf);
	r->unwanted -= l->elsewhere;
	if (result == STATE_NEWER)
		log_warnx("state: not loaded: it was written by a later "
			  "flowd");
	else if (result != STATE_OK)
		log_warnx("state: not loaded: no state of flowd's, or its head "
			  "is damaged");
	return (result == STATE_OK);
}

struct dated {
	int fd;
	struct timespec time;
};

static int
latest_first(const void *a, const void *b)
{
	const struct timespec *x = &((const struct dated *)a)->time;
	const struct timespec *y = &((const struct dated *)b)->time;

	if (x->tv_sec != y->tv_sec)
		return (x->tv_sec < y->tv_sec ? 1 : -1);
	return (x->tv_nsec < y->tv_nsec ? 1 : x->tv_nsec > y->tv_nsec ? -1 : 0);
}

void
learned_load(struct learned *l, struct intake *in, const struct share *share,
    const int *fd, size_t n)
{
	struct loading loading = {.in = in, .share = share};
	struct state_report sum = {.exporters = 0}, one;
	struct dated file[LEARNED_FILES];
	struct stat st;
	bool any = false;
	size_t i;

	for (i = 0; i < n && i < LEARNED_FILES; i++) {
		file[i] = (struct dated){.fd = fd[i]};
		if (fstat(fd[i], &st) == 0)
			file[i].time = st.st_mtim;
	}
	n = i;
	qsort(file, n, sizeof(file[0]), latest_first);
	for (i = 0; i < n; i++)
		if (load_one(&loading, in, file[i].fd, &one)) {
			add_report(&sum, &one);
			any = true;
		}
	if (any)
		say_loaded(&sum);
	l->stale = sum.info.clean;
	free(loading.got);
	l->changes = changes(in);
}

bool
learned_due(const struct learned *l, const struct intake *in, int64_t now)
{
	int64_t since = now - l->tried;

	if (l->asked)
		return (false);
	if (changes(in) != l->changes || l->stale)
		return (since >= (l->bytes < LARGE ? WAIT_SMALL : WAIT_LARGE));
	return (
	    in->ledger->n[L_TEMPLATES] != l->confirmed && since >= WAIT_TIMES);
}

/* Behind what there is. */
static int
append(void *arg, const void *p, size_t len)
{
	struct learned *l = arg;
	size_t size = l->size == 0 ? 64U * 1024 : l->size;
	uint8_t *buf;

	if (len > STATEFILE_MAX - l->len)
		return (-1);
	while (size < l->len + len)
		size *= 2;
	if (size > l->size) {
		if ((buf = realloc(l->buf, size)) == NULL)
			return (-1);
		l->buf = buf;
		l->size = size;
	}
	memcpy(l->buf + l->len, p, len);
	l->len += len;
	return (0);
}

/* The end of one, whichever. */
static void
end(struct learned *l, uint64_t bytes)
{
	if (l->fd != -1)
		close(l->fd);
	free(l->buf);
	l->fd = -1;
	l->buf = NULL;
	l->len = l->size = 0;
	l->asked = false;
	/* After a failure the next try is far off. */
	l->bytes = bytes == 0 ? LARGE : bytes;
}

static void
write_rest(struct learned *l, struct writer *writer, size_t done)
{
	l->w = (struct writing){.fd = l->fd,
	    .p = l->buf + done,
	    .len = l->len - done,
	    .unnamed = true};
	if (writer == NULL)
		writing_do(&l->w);
	else
		writer_start(writer, &l->w);
}

int
learned_save(struct learned *l, const struct intake *in, struct writer *writer,
    int fd)
{
	const struct state_info info = {.time = wall_clock(),
	    .clean = l->complete};

	l->fd = fd;
	if (fd == -1 || decode_save(in->dec, &info, append, l) == -1) {
		end(l, 0);
		return (-1);
	}
	l->now_changes = changes(in);
	l->now_confirmed = in->ledger->n[L_TEMPLATES];
	l->now_clean = info.clean;
	write_rest(l, writer, 0);
	return (0);
}

bool
learned_wrote(struct learned *l, struct writer *writer, const struct writing *w,
    uint64_t *bytes)
{
	size_t done;

	if (w != &l->w)
		return (false);
	*bytes = 0;
	done = (size_t)((const uint8_t *)w->p - l->buf);
	if (w->written <= 0) {
		end(l, 0);
		return (true);
	}
	done += (size_t)w->written;
	if (done < l->len) {
		write_rest(l, writer, done);
		return (false);
	}
	*bytes = l->len;
	l->changes = l->now_changes;
	l->confirmed = l->now_confirmed;
	l->stale = l->now_clean;
	end(l, *bytes);
	return (true);
}
