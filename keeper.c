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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow.h"
#include "keep.h"
#include "log.h"

#define LEAD 30	    /* seconds that a segment is made ahead of its time */
#define SHORT 5	    /* seconds; the collector needs two to leave a segment */
#define SETTLE 300  /* ms behind a boundary, for datagrams not read yet */
#define RETRY 5	    /* seconds between two attempts to make one */
#define AROUND 10   /* seconds between two looks at where the directory is */
#define COPIES 1000 /* names to try */
/* Bytes of a block that was written in part: more than any is long. */
#define CUT_MAX (64 * 1024 * 1024)

const char *
keep_name(const struct segname *seg, char *buf)
{
	return (segname_format(seg, buf));
}

int
keep_remove(struct keeper *k, const struct segname *name)
{
	size_t at = shelf_find(&k->shelf, name);

	if (segdir_remove(&k->at, name) == -1)
		return (-1);
	if (at < k->shelf.n && segname_cmp(&k->shelf.seg[at].name, name) == 0)
		shelf_drop(&k->shelf, at);
	return (0);
}

/* Scanning. */

static bool
is_open(const struct keeper *k, const struct segname *name)
{
	const struct keep_hand *h;
	size_t i;

	for (h = k->hand; h < k->hand + WORKERS_MAX; h++)
		for (i = 0; i < h->nopen; i++)
			if (segname_cmp(&h->open[i].name, name) == 0)
				return (true);
	return (false);
}

static int
found(void *arg, const struct segname *name, uint64_t size)
{
	struct keeper *k = arg;
	struct kept e = {.name = *name, .size = size};

	/* A .seal was on disk before it had that name: this one is no such. */
	if (name->kind == SEG_TMP || (name->kind == SEG_SEAL && size == 0)) {
		if (!k->job.on || segname_cmp(name, &k->job.out) != 0)
			(void)segdir_remove(&k->at, name);
		return (0);
	}
	e.open = is_open(k, name);
	return (shelf_append(&k->shelf, &e));
}

static int
scan(struct keeper *k)
{
	shelf_clear(&k->shelf);
	if (segdir_scan(&k->at, found, k) == -1) {
		log_warn("archive %s", k->conf.dir);
		shelf_sort(&k->shelf);
		return (-1);
	}
	shelf_sort(&k->shelf);
	keep_finish_all(k);
	k->look = true;
	return (0);
}

static int
take_conf(struct keeper *k, const struct conf_archive *conf)
{
	char *dir = strdup(conf->dir);

	if (dir == NULL) {
		log_warn("archive %s", conf->dir);
		return (-1);
	}
	free(k->conf.dir);
	k->conf = *conf;
	k->conf.dir = dir;
	k->at.path = dir;
	k->look = true;
	return (0);
}

struct keeper *
keeper_open(const struct conf_archive *conf, struct stats_archive *stats)
{
	struct keeper *k;
	size_t i;

	if ((k = calloc(1, sizeof(*k))) == NULL) {
		log_warn("archive %s", conf->dir);
		return (NULL);
	}
	k->at.fd = -1;
	k->stats = stats;
	for (i = 0; i < WORKERS_MAX; i++)
		k->hand[i].gifts = KEEP_GIFTS;
	if (take_conf(k, conf) == -1 ||
	    segdir_open(&k->at, k->conf.dir) == -1 || scan(k) == -1) {
		keeper_close(k);
		return (NULL);
	}
	return (k);
}

void
keeper_close(struct keeper *k)
{
	uint32_t i;

	if (k == NULL)
		return;
	for (i = 0; i < WORKERS_MAX; i++)
		keeper_abandon(k, i);
	if (k->job.on)
		(void)segdir_remove(&k->at, &k->job.out);
	keep_job_clear(&k->job);
	shelf_clear(&k->shelf);
	segdir_close(&k->at);
	free(k->conf.dir);
	free(k);
}

int
keeper_configure(struct keeper *k, const struct conf_archive *conf)
{
	return (take_conf(k, conf));
}

bool
keeper_is_of(const struct keeper *k, const struct conf_archive *conf)
{
	return (conf->dir != NULL && strcmp(k->conf.dir, conf->dir) == 0);
}

void
keeper_refresh(struct keeper *k)
{
	size_t i;

	(void)scan(k);
	for (i = 0; i < WORKERS_MAX; i++)
		k->hand[i].renew = true;
	k->retry = 0;
}

/* Segments for the collectors. */

/* Does one begin now, and when? */
static bool
wants(const struct keeper *k, const struct keep_hand *h,
    const struct keeper_now *now, int64_t *start)
{
	const struct open_segment *last;
	int64_t rotate = k->conf.rotate, wall = now->wall, this;

	this = *start = wall - wall % rotate;
	if (h->nopen == 0 || h->renew)
		return (true);
	last = &h->open[h->nopen - 1];
	if (last->name.span != k->conf.rotate)
		return (true);
	/* The one behind it, once it is the only one. */
	if (last->name.start == this) {
		*start = this + rotate;
		if (rotate < SHORT)
			return (wall > this || now->ms >= SETTLE);
		return (h->nopen == 1 && *start - wall <= LEAD);
	}
	/* Or that one waits already; else the clock was set. */
	return (last->name.start != this + rotate || h->nopen == 1 ||
	    h->open[h->nopen - 2].name.start != this);
}

/* No file has that number, of whatever kind. */
static uint32_t
free_copy(const struct keeper *k, const struct segname *name)
{
	struct segname last = *name;
	size_t at;

	last.copy = UINT32_MAX;
	at = shelf_find(&k->shelf, &last);
	if (at == 0 || k->shelf.seg[at - 1].name.start != name->start ||
	    k->shelf.seg[at - 1].name.span != name->span)
		return (1);
	last = k->shelf.seg[at - 1].name;
	return (last.copy == UINT32_MAX ? 1 : last.copy + 1);
}

/* Whatever replaces all of a span must not do so with a new one. */
static int
clear_the_way(struct keeper *k, const struct segname *name)
{
	struct shelf_range r;
	struct kept probe = {.name = *name};
	struct segname seal;
	size_t i;

	if (k->job.on &&
	    shelf_within(&probe, k->job.out.start, k->job.out.span))
		k->job.cancelled = true;
	/* No span is longer than a year, and only a .seal matters. */
	r = shelf_range(&k->shelf, name->start - 366 * 86400, 366 * 86400 + 1);
	for (i = r.from; i < r.to; i++) {
		seal = k->shelf.seg[i].name;
		if (seal.kind == SEG_SEAL && segname_covers(&seal, name))
			return (keep_finish(k, &seal));
	}
	return (0);
}

/*
 * A collector that was taken over may ask for segments without end: files stay
 * countable, whatever it says.
 */
static bool
in_moderation(struct keep_hand *h, const struct keeper_now *now)
{
	int64_t more = now->second - h->gifts_at;

	h->gifts_at = now->second;
	if (more > KEEP_GIFTS - h->gifts)
		h->gifts = KEEP_GIFTS;
	else if (more > 0)
		h->gifts += (int)more;
	return (h->gifts > 0);
}

static int
make(struct keeper *k, struct segname *name)
{
	int fd = -1, tries;

	if (clear_the_way(k, name) == -1)
		return (-1);
	name->copy = free_copy(k, name);
	for (tries = 0; tries < COPIES; tries++, name->copy++)
		if ((fd = segdir_create(&k->at, name)) != -1 || errno != EEXIST)
			break;
	return (fd);
}

static void
cannot_make(struct keeper *k, const struct keeper_now *now, bool some)
{
	k->stats->open_failed++;
	k->retry = now->second + RETRY;
	if (!k->failing)
		log_warn("archive %s: no new segment%s", k->conf.dir,
		    some ? ": the open one stays in use" : "");
	k->failing = true;
}

bool
keeper_give(struct keeper *k, uint32_t worker, const struct keeper_now *now,
    uint32_t number, struct keeper_gift *gift)
{
	struct keep_hand *h = &k->hand[worker];
	struct kept e = {.open = true,
	    .name = {.span = k->conf.rotate, .kind = SEG_LIVE}};
	int fd;

	if (now->wall < 0 || h->nopen == KEEP_OPEN || now->second < k->retry ||
	    !in_moderation(h, now) || !wants(k, h, now, &e.name.start))
		return (false);
	if ((fd = make(k, &e.name)) == -1) {
		cannot_make(k, now, h->nopen > 0);
		return (false);
	}
	if (shelf_add(&k->shelf, &e) == -1) {
		close(fd);
		cannot_make(k, now, h->nopen > 0);
		return (false);
	}
	if (k->failing)
		log_info("archive %s: segments are made again", k->conf.dir);
	k->failing = h->renew = false;
	h->gifts--;
	k->stats->opened++;
	segdir_hold(fd);
	h->open[h->nopen++] = (struct open_segment){.name = e.name,
	    .log = {.fd = fd, .number = number},
	    .end = UINT64_MAX};
	*gift = (struct keeper_gift){.fd = fd,
	    .number = number,
	    .from = e.name.start * NSEC_PER_SEC};
	return (true);
}

int
keeper_moment(const struct keeper *k)
{
	return (k->conf.rotate < SHORT ? SETTLE : -1);
}

void
keeper_renew(struct keeper *k, uint32_t worker, uint32_t number)
{
	struct keep_hand *h = &k->hand[worker];

	/* About an earlier one it came too late to matter. */
	if (h->nopen > 0 && number <= h->open[h->nopen - 1].log.number &&
	    number >= h->open[0].log.number)
		h->renew = true;
}

/* One that nobody writes to any more: worth sealing, or empty. */
static void
shut(struct keeper *k, struct open_segment *o)
{
	struct kept *e = shelf_get(&k->shelf, &o->name);
	struct stat st;

	if (fstat(o->log.fd, &st) == -1)
		st.st_size = 1; /* it says itself when it is read */
	close(o->log.fd);
	o->log.fd = -1;
	k->look = true;
	if (e != NULL) {
		e->open = false;
		e->flows = o->flows;
		shelf_resize(&k->shelf, e, (uint64_t)st.st_size);
	}
	if (st.st_size == 0 && keep_remove(k, &o->name) == -1)
		log_debug("archive %s: an empty segment stays", k->conf.dir);
}

void
keeper_left(struct keeper *k, uint32_t worker, uint32_t number)
{
	struct keep_hand *h = &k->hand[worker];
	size_t i, n = 0;

	while (n < h->nopen && h->open[n].log.number < number)
		shut(k, &h->open[n++]);
	for (i = n; i < h->nopen; i++)
		h->open[i - n] = h->open[i];
	h->nopen -= n;
}

void
keeper_abandon(struct keeper *k, uint32_t worker)
{
	keeper_left(k, worker, UINT32_MAX);
}

bool
keeper_cut(struct keeper *k, uint32_t worker, uint32_t number, uint64_t size,
    enum logopen_cut *done)
{
	struct keep_hand *h = &k->hand[worker];
	size_t i;

	for (i = 0; i < h->nopen; i++)
		if (h->open[i].log.number == number) {
			*done = logopen_cut(&h->open[i].log, size, CUT_MAX);
			return (true);
		}
	return (false);
}

static void
take_count(struct open_segment *o, const struct ledger_segment *counted)
{
	o->end = counted->end;
	if (counted->flows > o->flows)
		o->flows = counted->flows;
}

void
keeper_counted(struct keeper *k, uint32_t worker,
    const struct ledger_segment *counted)
{
	struct open_segment *o = k->hand[worker].open;
	size_t i, j;

	for (i = 0; i < k->hand[worker].nopen; i++)
		for (j = 0; j < LEDGER_SEGMENTS; j++)
			if (counted[j].number == o[i].log.number)
				take_count(&o[i], &counted[j]);
}

/* Where it ends by what was counted; false: it is before all that was. */
static bool
counted_end(const struct ledger_segment *counted, uint32_t number,
    uint64_t *end)
{
	const struct ledger_segment *s =
	    ledger_listed(counted, LEDGER_SEGMENTS, number);
	bool behind = false;
	size_t i;

	*end = s == NULL ? 0 : s->end;
	for (i = 0; s == NULL && i < LEDGER_SEGMENTS; i++)
		behind = behind || counted[i].number > number;
	return (!behind);
}

bool
keeper_crashed(struct keeper *k, uint32_t worker,
    const struct ledger_segment *counted)
{
	struct keep_hand *h = &k->hand[worker];
	enum logopen_cut done = CUT_DONE;
	struct logopen *l;
	uint64_t end;
	size_t i;

	for (i = 0; i < h->nopen; i++) {
		l = &h->open[i].log;
		if (counted_end(counted, l->number, &end) &&
		    logopen_cut(l, end, CUT_MAX) != CUT_DONE)
			done = CUT_FAILED;
	}
	return (done == CUT_DONE);
}

/* A disk that is mounted, or taken away, while we have its place open. */
static void
look_around(struct keeper *k, const struct keeper_now *now)
{
	bool there;

	if (now->second < k->around_at)
		return;
	k->around_at = now->second + AROUND;
	there = segdir_is_there(&k->at);
	if (!there && !k->elsewhere)
		log_warnx("archive %s: gone, or another directory than the "
			  "one in use: restart flowd when it is in place",
		    k->conf.dir);
	k->elsewhere = !there;
}

static void
mark(struct keeper *k, struct keep_hand *h)
{
	struct kept *e;
	size_t i;

	for (i = 0; i < h->nopen; i++) {
		logopen_mark(&h->open[i].log, h->open[i].end);
		if ((e = shelf_get(&k->shelf, &h->open[i].name)) != NULL)
			shelf_resize(&k->shelf, e, h->open[i].log.size);
	}
}

void
keeper_tick(struct keeper *k, const struct keeper_now *now)
{
	size_t i;

	for (i = 0; i < WORKERS_MAX; i++)
		mark(k, &k->hand[i]);
	look_around(k, now);
	keep_expire(k, now);
	k->stats->segments = k->shelf.n;
	k->stats->bytes = k->shelf.bytes;
	k->stats->oldest = k->shelf.n > 0 ? k->shelf.seg[0].name.start : 0;
}

bool
keeper_held(const struct keeper *k)
{
	return (k->held);
}
