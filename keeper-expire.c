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
 * What has to go: by age, by size, and for room on the disk.
 */

#include <errno.h>
#include <inttypes.h>

#include "keep.h"
#include "log.h"

#define AT_ONCE 100 /* files removed in a second, at most */
#define JUMP 60	    /* seconds forward that a clock is set, not running */
#define DOUBT 3600  /* seconds until what it says then is believed */
#define SHOW_UP 10  /* seconds until what was removed must be free */
#define TELL 60	    /* seconds between two messages about removals */

static void
tell(struct keeper *k, const struct keeper_now *now)
{
	struct keep_removed *r = &k->removed;

	if (r->segments == 0 || (r->told != 0 && now->second - r->told < TELL))
		return;
	log_info("archive %s: %" PRIu64 " segments of %" PRIu64
		 " bytes removed: %s",
	    k->conf.dir, r->segments, r->bytes, r->why);
	*r = (struct keep_removed){.told = now->second};
}

/* The oldest that can go, or NULL. */
static const struct kept *
oldest(const struct keeper *k)
{
	size_t i;

	for (i = 0; i < k->shelf.n; i++)
		if (!k->shelf.seg[i].open && !keep_in_job(k, &k->shelf.seg[i]))
			return (&k->shelf.seg[i]);
	return (NULL);
}

/* False: there is none, or it does not go. */
static bool
remove_oldest(struct keeper *k, const char *why)
{
	const struct kept *e = oldest(k);
	struct segname name;
	uint64_t size;

	if (e == NULL)
		return (false);
	name = e->name;
	size = e->size;
	if (keep_remove(k, &name) == -1) {
		if (!k->stuck)
			log_warn("archive %s: cannot be removed from",
			    k->conf.dir);
		k->stuck = true;
		/* Somebody made it theirs, or not to be removed. */
		if (errno == EPERM)
			shelf_drop(&k->shelf, shelf_find(&k->shelf, &name));
		return (false);
	}
	k->stuck = false;
	k->stats->expired++;
	k->stats->expired_bytes += size;
	k->removed.segments++;
	k->removed.bytes += size;
	k->removed.why = why;
	return (true);
}

/*
 * A clock that is set far ahead by mistake must not cost the archive: nothing
 * is too old for an hour then, and everybody can read why.
 */
static bool
believed(struct keeper *k, const struct keeper_now *now)
{
	int64_t offset = now->wall - now->second;

	if (k->offset != 0 && offset - k->offset > JUMP) {
		k->keep_from = now->second + DOUBT;
		if (k->conf.keep != 0)
			log_warnx("archive %s: the clock went %" PRId64
				  " s ahead: "
				  "nothing is too old for an hour",
			    k->conf.dir, offset - k->offset);
	}
	k->offset = offset;
	return (now->second >= k->keep_from);
}

static void
expire_age(struct keeper *k, const struct keeper_now *now)
{
	int64_t before = now->wall - (int64_t)k->conf.keep;
	const struct kept *e;
	int n;

	if (!believed(k, now) || k->conf.keep == 0)
		return;
	for (n = 0; n < AT_ONCE && (e = oldest(k)) != NULL; n++)
		if (e->name.start + e->name.span > before ||
		    !remove_oldest(k, "too old"))
			return;
}

static void
expire_size(struct keeper *k)
{
	int n;

	if (k->conf.maxsize == 0)
		return;
	for (n = 0; n < AT_ONCE && k->shelf.bytes > k->conf.maxsize; n++)
		if (!remove_oldest(k, "all are larger than maxsize"))
			return;
}

/* As much as is missing, and then see whether it shows up as free. */
static void
make_room(struct keeper *k, const struct keeper_now *now, uint64_t missing)
{
	uint64_t before = k->stats->expired_bytes;
	int n;

	if (k->removed_at != 0 && now->second - k->removed_at < SHOW_UP &&
	    k->stats->free < k->free_then + k->removed_for_room)
		return;
	for (n = 0; n < AT_ONCE; n++) {
		if (k->stats->expired_bytes - before >= missing ||
		    !remove_oldest(k, "the disk has less free than minfree"))
			break;
	}
	k->removed_for_room = k->stats->expired_bytes - before;
	k->removed_at = now->second;
	k->free_then = k->stats->free;
}

static void
say_low(struct keeper *k, bool low, uint64_t want)
{
	static const char *const what[] = {
	    [MINFREE_EXPIRE] = "the oldest segments are removed",
	    [MINFREE_STOP] = "nothing is written",
	    [MINFREE_ALARM] = "something has to be done"};

	if (low && !k->low)
		log_warnx("archive %s: %" PRIu64 " bytes free, not %" PRIu64
			  ": %s",
		    k->conf.dir, k->stats->free, want,
		    what[k->conf.minfree_action]);
	if (!low && k->low)
		log_info("archive %s: %" PRIu64 " bytes free: enough",
		    k->conf.dir, k->stats->free);
	k->low = low;
}

static void
expire_space(struct keeper *k, const struct keeper_now *now)
{
	uint64_t size, want, more;

	if (segdir_space(&k->at, &k->stats->free, &size) == -1)
		return;
	want = k->conf.minfree;
	if (k->conf.minfree_relative)
		want = size / 1000 * k->conf.minfree;
	/* Once it was too little, a bit more is needed. */
	more =
	    k->low && k->conf.minfree_action != MINFREE_EXPIRE ? want / 16 : 0;
	say_low(k, k->stats->free < want + more, want);
	k->held = k->low && k->conf.minfree_action == MINFREE_STOP;
	k->stats->low = k->low;
	k->stats->held = k->held;
	if (k->low && k->conf.minfree_action == MINFREE_EXPIRE)
		make_room(k, now, want - k->stats->free);
}

void
keep_expire(struct keeper *k, const struct keeper_now *now)
{
	expire_age(k, now);
	expire_size(k);
	expire_space(k, now);
	tell(k, now);
}
