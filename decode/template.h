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
 * What is remembered of exporters, within limits: their domains, and the
 * templates of those.
 */

#ifndef DECODE_TEMPLATE_H
#define DECODE_TEMPLATE_H

#include <sys/queue.h>

#include "decode/decode.h"
#include "decode/program.h"

struct hnode {
	struct hnode *next;
	uint64_t hash;
};

struct htable {
	struct hnode **slot;
	uint32_t nslots; /* a power of two */
	uint32_t count;
};

struct template
{
	struct hnode node; /* first: by domain and id */
	LIST_ENTRY(template) entry;
	struct domain *dom;
	struct program program;
	size_t bytes;	 /* accounted for */
	uint32_t rawlen; /* the field list it was made of */
	const uint8_t *raw;
	uint16_t id;
	uint16_t nscope;
	bool options;
};

/* One numbering of templates and datagrams of one exporter. */
struct domain {
	struct hnode node; /* first: by exporter, version and source id */
	TAILQ_ENTRY(domain) sibling; /* of the exporter, oldest first */
	TAILQ_ENTRY(domain) lru;     /* unless the exporter is configured */
	struct exporter *exporter;
	LIST_HEAD(, template) templates;
	uint32_t ntemplates;
	uint32_t source_id;
	uint16_t version;

	bool seq_known;
	uint8_t seq_late; /* late datagrams in a row */
	uint32_t seq_next;
	uint32_t uptime; /* ms, of the newest datagram */

	bool has_sysinit;
	int64_t sysinit; /* of the last options data that had it */
};

struct exporter {
	struct hnode node; /* first: by address */
	struct addr addr;
	TAILQ_HEAD(domains, domain) domains;
	uint32_t ndomains;
	bool configured;
};

struct decoder {
	struct dec_limits limits;
	dec_flow_fn fn;
	void *arg;
	uint64_t seed;

	struct htable exporters;
	struct htable domains;
	struct htable templates;
	struct domains lru; /* of unconfigured exporters, oldest first */
	size_t bytes;
	uint64_t evicted;
	uint64_t refused;

	/* v1, v5, v7 */
	struct program fixed[3];
};

/* The domain, made if there is room for it, and NULL if not. */
struct domain *domain_get(struct decoder *, const struct dec_source *,
    uint16_t version, uint32_t source_id);
void domains_free(struct decoder *);

const struct template *template_find(const struct decoder *,
    const struct domain *, uint16_t id);
enum template_fate {
	TEMPLATE_LEARNED, /* or known already */
	TEMPLATE_BAD,	  /* cannot be; its predecessor is gone */
	TEMPLATE_NOROOM,  /* likewise */
};
/* The domain may be NULL, and then there is no room. */
enum template_fate template_learn(struct decoder *, struct domain *,
    const struct specs *, uint16_t id, bool options);
/* Returns how many there were: 0 or 1. */
unsigned int template_forget(struct decoder *, const struct domain *,
    uint16_t id);
/* All of a kind; returns how many. */
unsigned int template_forget_all(struct decoder *, struct domain *,
    bool options);

#endif /* DECODE_TEMPLATE_H */
