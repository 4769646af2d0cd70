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

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "limit.h"
#include "log.h"

#define SAY_EVERY (60 * NSEC_PER_SEC)
#define DOMAINS_PER_EXPORTER 4 /* of many; one alone may have more */
#define DOMAINS_LEAST 256

void
limit_account(struct limit *lm)
{
	decode_reserve(lm->dec, peers_bytes(lm->peers, lm->named));
}

void
limit_configure(struct limit *lm, const struct conf *c)
{
	struct dec_limits d = {.bytes = 0};

	lm->l = conf_limits(c);
	d.domains = (uint32_t)lm->l.exporters * DOMAINS_PER_EXPORTER;
	if (d.domains < DOMAINS_LEAST)
		d.domains = DOMAINS_LEAST;
	d.templates = d.facts = (uint32_t)lm->l.templates;
	d.bytes = (size_t)lm->l.memory;
	d.expire_v9 = lm->l.expire_v9;
	d.expire_ipfix = lm->l.expire_ipfix;
	lm->named = c->exact == NULL ? 0 : table_count(c->exact);
	if (lm->named > lm->l.exporters)
		lm->named = (size_t)lm->l.exporters;
	peers_limit(lm->peers, (uint32_t)lm->l.exporters);
	limit_account(lm);
	decode_limit(lm->dec, &d);
}

bool
limit_peer(struct limit *lm, enum peer_rank rank)
{
	struct dec_usage u;

	/* Their place is kept. */
	if (rank == PEER_NAMED)
		return (true);
	for (;;) {
		decode_usage(lm->dec, &u);
		if (u.bytes + peers_bytes(lm->peers, lm->named) +
			sizeof(struct peer) <=
		    lm->l.memory)
			return (true);
		if (!peers_evict(lm->peers))
			return (false);
	}
}

/* "exporters 4096, memory 67108864": which of them were in the way. */
static void
reached(const struct limit *lm, const struct dec_usage *u, bool peers,
    char *buf, size_t size)
{
	const struct {
		const char *name;
		bool hit;
		uint64_t value;
	} caps[] = {
	    {"limit exporters",
		peers ||
		    u->hits[DEC_CAP_DOMAINS] > lm->usage.hits[DEC_CAP_DOMAINS],
		lm->l.exporters},
	    {"limit templates",
		u->hits[DEC_CAP_TEMPLATES] + u->hits[DEC_CAP_FACTS] >
		    lm->usage.hits[DEC_CAP_TEMPLATES] +
			lm->usage.hits[DEC_CAP_FACTS],
		lm->l.templates},
	    {"limit memory",
		u->hits[DEC_CAP_BYTES] > lm->usage.hits[DEC_CAP_BYTES],
		lm->l.memory},
	};
	size_t i, len = 0;
	int n;

	buf[0] = '\0';
	for (i = 0; i < sizeof(caps) / sizeof(caps[0]) && len < size; i++) {
		if (!caps[i].hit)
			continue;
		n = snprintf(buf + len, size - len, "%s%s %" PRIu64,
		    len > 0 ? ", " : "", caps[i].name, caps[i].value);
		len += n < 0 ? 0 : (size_t)n;
	}
	if (len == 0)
		snprintf(buf, size, "the share of one exporter");
}

void
limit_say(struct limit *lm, int64_t now)
{
	struct dec_usage u;
	uint64_t evicted = peers_evicted(lm->peers);
	char what[128];

	if (lm->said != 0 && now - lm->said < SAY_EVERY)
		return;
	decode_usage(lm->dec, &u);
	if (evicted == lm->evicted && u.evicted == lm->usage.evicted &&
	    u.refused == lm->usage.refused &&
	    u.facts_refused == lm->usage.facts_refused)
		return;
	reached(lm, &u, evicted != lm->evicted, what, sizeof(what));
	log_warnx("%s reached: since the last such message %" PRIu64
		  " exporters and %" PRIu64 " domains forgotten, %" PRIu64
		  " templates and %" PRIu64 " options refused",
	    what, evicted - lm->evicted, u.evicted - lm->usage.evicted,
	    u.refused - lm->usage.refused,
	    u.facts_refused - lm->usage.facts_refused);
	lm->said = now;
	lm->evicted = evicted;
	lm->usage = u;
}
