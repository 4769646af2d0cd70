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
 * UDP datagrams, put together again from the fragments that IP made of them.
 * A few at a time: the oldest gives way.
 */

#include <stdlib.h>
#include <string.h>

#include "reader.h"

#define NFRAGS 32
#define FRAG_MAX 65535
#define FRAG_UNITS (FRAG_MAX / 8 + 1) /* offsets count in 8 bytes */
#define FRAG_WAIT (30 * NSEC_PER_SEC)

struct frag {
	struct addr src, dst;
	uint32_t id;
	int64_t begun;	 /* 0: not in use */
	uint32_t pieces; /* fragments it holds */
	uint32_t got;	 /* bytes */
	uint32_t total;	 /* bytes; 0: the last fragment is missing */
	uint8_t *bytes;	 /* FRAG_MAX, or NULL */
	uint8_t have[FRAG_UNITS];
};

struct frags {
	uint64_t lost;
	struct frag frag[NFRAGS];
};

struct frags *
frags_new(void)
{
	return (calloc(1, sizeof(struct frags)));
}

void
frags_free(struct frags *fs)
{
	size_t i;

	if (fs == NULL)
		return;
	for (i = 0; i < NFRAGS; i++)
		free(fs->frag[i].bytes);
	free(fs);
}

uint64_t
frags_lost(const struct frags *fs)
{
	uint64_t n = fs->lost;
	size_t i;

	for (i = 0; i < NFRAGS; i++)
		if (fs->frag[i].begun != 0)
			n += fs->frag[i].pieces;
	return (n);
}

static void
give_up(struct frags *fs, struct frag *f)
{
	fs->lost += f->pieces;
	f->begun = 0;
}

static struct frag *
start(struct frag *f, const struct datagram *dg, int64_t now)
{
	if (f->bytes == NULL && (f->bytes = malloc(FRAG_MAX)) == NULL)
		return (NULL);
	f->src = dg->src;
	f->dst = dg->dst;
	f->id = dg->frag_id;
	f->begun = now == 0 ? 1 : now;
	f->pieces = f->got = f->total = 0;
	memset(f->have, 0, sizeof(f->have));
	return (f);
}

/* The datagram it is of: a new one, if need be in place of the oldest. */
static struct frag *
find(struct frags *fs, const struct datagram *dg, int64_t now)
{
	struct frag *f, *spare = &fs->frag[0];
	size_t i;

	for (i = 0; i < NFRAGS; i++) {
		f = &fs->frag[i];
		/* Ids are used again soon: an old one is another's. */
		if (f->begun != 0 && now - f->begun > FRAG_WAIT)
			give_up(fs, f);
		if (f->begun != 0 && f->id == dg->frag_id &&
		    addr_equal(&f->src, &dg->src) &&
		    addr_equal(&f->dst, &dg->dst))
			return (f);
		if (f->begun < spare->begun)
			spare = f;
	}
	if (spare->begun != 0)
		give_up(fs, spare);
	return (start(spare, dg, now));
}

/* What came first stays: an overlap is nobody's honest work. */
static void
copy_new(struct frag *f, const struct datagram *dg)
{
	struct rd from = dg->payload;
	uint32_t at = dg->frag_offset;
	size_t n;

	while (from.left > 0) {
		n = from.left < 8 ? from.left : 8;
		if (!f->have[at / 8]) {
			f->have[at / 8] = 1;
			f->got += (uint32_t)n;
			memcpy(f->bytes + at, from.p, n);
		}
		at += (uint32_t)n;
		(void)rd_skip(&from, n);
	}
}

bool
frags_add(struct frags *fs, struct datagram *dg, int64_t now)
{
	struct frag *f;
	size_t len = dg->payload.left;

	/* Only the last one may have a length that 8 does not divide. */
	if (dg->frag_offset + len > FRAG_MAX ||
	    (dg->frag_more && len % 8 != 0) || len == 0 ||
	    (f = find(fs, dg, now)) == NULL) {
		fs->lost++;
		return (false);
	}
	f->pieces++;
	copy_new(f, dg);
	if (!dg->frag_more)
		f->total = dg->frag_offset + (uint32_t)len;
	if (f->total == 0 || f->got < f->total)
		return (false);
	f->begun = 0;
	if (f->got > f->total) {
		fs->lost += f->pieces;
		return (false);
	}
	dg->payload = rd_init(f->bytes, f->total);
	return (true);
}
