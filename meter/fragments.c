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
 * Sets of a few places each, found by a keyed hash: a flood pushes out the
 * oldest of a set, and costs no more than a look at all of them.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow.h"
#include "meter/fragments.h"

#define SETS 512 /* a power of two */
#define WAYS 8
#define LIFETIME (30 * NSEC_PER_SEC) /* as long as hosts wait, about */

struct id {
	uint8_t addr[2][16]; /* source, destination */
	uint32_t id;
	uint8_t version;
	uint8_t protocol; /* 0 for IPv6: RFC 8200 4.5 has none in it */
	uint8_t pad[2];
};

struct first {
	struct id id;
	uint32_t ports;
	uint8_t protocol;
	bool used;
	int64_t time;
};

struct fragments {
	uint64_t secret[2];
	struct first set[SETS][WAYS];
};

_Static_assert(sizeof(struct id) == 40, "compared as it lies");

struct fragments *
fragments_new(void)
{
	struct fragments *fs;

	if ((fs = calloc(1, sizeof(*fs))) == NULL)
		return (NULL);
	if (getentropy(fs->secret, sizeof(fs->secret)) == -1) {
		free(fs);
		return (NULL);
	}
	return (fs);
}

void
fragments_free(struct fragments *fs)
{
	free(fs);
}

static uint64_t
mix(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return (h ^ h >> 31);
}

static struct first *
set_of(struct fragments *fs, const struct packet *pkt, struct id *id)
{
	size_t len = pkt->version == 4 ? 4 : 16;
	const uint8_t *p = pkt->ip + (pkt->version == 4 ? 12 : 8);
	uint64_t word, h = fs->secret[0];
	size_t i;

	memset(id, 0, sizeof(*id));
	memcpy(id->addr[0], p, len);
	memcpy(id->addr[1], p + len, len);
	id->id = pkt->fragment_id;
	id->version = pkt->version;
	if (pkt->version == 4)
		id->protocol = pkt->protocol;
	for (i = 0; i < sizeof(*id); i += sizeof(word)) {
		memcpy(&word, (const uint8_t *)id + i, sizeof(word));
		h = mix(h ^ word) + fs->secret[1];
	}
	return (fs->set[h % SETS]);
}

static struct first *
find(struct first *set, const struct id *id)
{
	size_t i;

	for (i = 0; i < WAYS; i++)
		if (set[i].used && memcmp(&set[i].id, id, sizeof(*id)) == 0)
			return (&set[i]);
	return (NULL);
}

/* A free place, or the oldest. */
static struct first *
victim(struct first *set)
{
	struct first *oldest = set;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (!set[i].used)
			return (&set[i]);
		if (set[i].time < oldest->time)
			oldest = &set[i];
	}
	return (oldest);
}

void
fragments_note(struct fragments *fs, const struct packet *pkt, uint32_t ports,
    int64_t now)
{
	struct first *set, *f;
	struct id id;

	set = set_of(fs, pkt, &id);
	if ((f = find(set, &id)) == NULL)
		f = victim(set);
	f->id = id;
	f->ports = ports;
	f->protocol = pkt->protocol;
	f->time = now;
	f->used = true;
}

bool
fragments_find(struct fragments *fs, struct packet *pkt, int64_t now,
    uint32_t *ports)
{
	const struct first *f;
	struct id id;
	uint64_t age;

	if ((f = find(set_of(fs, pkt, &id), &id)) == NULL)
		return (false);
	/* Time may go back a little: captures are not always in order. */
	age = (uint64_t)now - (uint64_t)f->time + LIFETIME;
	if (age > 2 * LIFETIME)
		return (false);
	*ports = f->ports;
	pkt->protocol = f->protocol;
	return (true);
}
