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
 * Exporters and their domains, within limits.
 *
 * Anyone can send under any address, so everything here costs the same
 * however much there is: hash tables, and lists ordered by use, from whose old
 * end room is made.
 */

#include <stdlib.h>

#include "decode/memory.h"

/* What a domain is found by, beside its exporter. */
struct domain_key {
	uint64_t hash;
	uint32_t source_id;
	uint16_t version;
};

static void
exporter_free(struct decoder *d, struct exporter *e)
{
	htable_remove(&d->exporters, &e->node);
	d->bytes -= sizeof(*e) + MEMORY_OVERHEAD;
	free(e);
}

static void
domain_free(struct decoder *d, struct domain *dom)
{
	struct exporter *e = dom->exporter;
	struct template *t;
	struct fact *fact;

	while ((t = TAILQ_FIRST(&dom->templates)) != NULL)
		template_free(d, t);
	while ((fact = TAILQ_FIRST(&dom->facts)) != NULL)
		fact_free(d, fact);
	htable_remove(&d->domains, &dom->node);
	if (!e->configured)
		TAILQ_REMOVE(&d->lru, dom, lru);
	TAILQ_REMOVE(&e->domains, dom, sibling);
	d->bytes -= sizeof(*dom) + MEMORY_OVERHEAD;
	free(dom);
	if (--e->ndomains == 0)
		exporter_free(d, e);
}

int
domain_evict(struct decoder *d, const struct domain *keep)
{
	struct domain *dom = TAILQ_FIRST(&d->lru);

	if (d->loading)
		return (-1);
	while (dom != NULL && (dom == keep || dom == d->current))
		dom = TAILQ_NEXT(dom, lru);
	if (dom == NULL)
		return (-1);
	domain_free(d, dom);
	d->evicted++;
	return (0);
}

static uint64_t
hash(const struct decoder *d, const struct addr *addr, uint16_t port)
{
	return (addr_hash(addr, d->seed + port));
}

static struct exporter *
exporter_find(struct decoder *d, const struct addr *addr, uint16_t port)
{
	struct hnode *n = htable_first(&d->exporters, hash(d, addr, port));
	struct exporter *e;

	for (; n != NULL; n = hnode_next(n)) {
		e = (struct exporter *)n;
		if (e->port == port && addr_equal(&e->addr, addr))
			return (e);
	}
	return (NULL);
}

static struct exporter *
exporter_new(struct decoder *d, const struct dec_source *src)
{
	struct exporter *e;

	if ((e = calloc(1, sizeof(*e))) == NULL)
		return (NULL);
	e->addr = src->agent;
	e->configured = src->configured;
	e->port = src->port;
	e->node.hash = hash(d, &e->addr, e->port);
	TAILQ_INIT(&e->domains);
	if (htable_add(&d->exporters, &e->node, &d->bytes) == -1) {
		free(e);
		return (NULL);
	}
	d->bytes += sizeof(*e) + MEMORY_OVERHEAD;
	return (e);
}

/* After a reload an exporter can have become configured, or not to be. */
static void
exporter_configure(struct decoder *d, struct exporter *e, bool configured)
{
	struct domain *dom;

	if (e->configured == configured)
		return;
	e->configured = configured;
	TAILQ_FOREACH(dom, &e->domains, sibling) {
		if (configured)
			TAILQ_REMOVE(&d->lru, dom, lru);
		else
			TAILQ_INSERT_TAIL(&d->lru, dom, lru);
	}
}

static void
domain_touch(struct decoder *d, struct domain *dom)
{
	struct exporter *e = dom->exporter;

	TAILQ_REMOVE(&e->domains, dom, sibling);
	TAILQ_INSERT_TAIL(&e->domains, dom, sibling);
	if (e->configured)
		return;
	TAILQ_REMOVE(&d->lru, dom, lru);
	TAILQ_INSERT_TAIL(&d->lru, dom, lru);
}

/* What is too much if there is one more domain. */
static enum dec_cap
full(const struct decoder *d)
{
	size_t more = sizeof(struct domain) + sizeof(struct exporter) +
	    2 * MEMORY_OVERHEAD + htable_growth(&d->domains) +
	    htable_growth(&d->exporters);

	if (d->domains.count >= d->limits.domains)
		return (DEC_CAP_DOMAINS);
	return (memory_full(d, more) ? DEC_CAP_BYTES : DEC_CAP_NONE);
}

/* Room for one more domain of an exporter, which NULL is if it is new. */
static int
domain_room(struct decoder *d, const struct exporter *e)
{
	enum dec_cap cap;

	if (e != NULL && e->ndomains >= d->limits.domains_exporter) {
		d->hits[DEC_CAP_SHARE]++;
		if (d->loading || e->configured || e->ndomains < 2)
			return (-1);
		domain_free(d, TAILQ_FIRST(&e->domains));
		d->evicted++;
	}
	while ((cap = full(d)) != DEC_CAP_NONE) {
		d->hits[cap]++;
		if (domain_evict(d,
			e == NULL ? NULL : TAILQ_LAST(&e->domains, domains)) ==
		    -1)
			return (-1);
	}
	return (0);
}

/* The oldest domain but this one, of the same exporter if it may go. */
static int
share_evict(struct decoder *d, const struct domain *keep)
{
	struct exporter *e = keep->exporter;
	struct domain *dom = TAILQ_FIRST(&e->domains);

	if (dom == keep || dom == d->current)
		dom = TAILQ_NEXT(dom, sibling);
	if (d->loading || e->configured || dom == NULL || dom == keep ||
	    dom == d->current)
		return (-1);
	domain_free(d, dom);
	d->evicted++;
	return (0);
}

int
domain_make_room(struct decoder *d, const struct domain *dom, size_t bytes,
    enum dec_cap (*other)(const struct decoder *, const struct domain *))
{
	enum dec_cap cap;

	for (;;) {
		if (dom->exporter->bytes + bytes > d->limits.bytes_exporter)
			cap = DEC_CAP_SHARE;
		else if (memory_full(d, bytes))
			cap = DEC_CAP_BYTES;
		else if ((cap = other(d, dom)) == DEC_CAP_NONE)
			return (0);
		d->hits[cap]++;
		if ((cap == DEC_CAP_SHARE ? share_evict(d, dom)
					  : domain_evict(d, dom)) == -1)
			return (-1);
	}
}

/* As far as the unconfigured make room for it. */
static void
shrink(struct decoder *d)
{
	struct htable *const tables[] = {&d->exporters, &d->domains,
	    &d->templates, &d->facts, &d->forms.table};
	size_t i;

	while (d->domains.count > d->limits.domains ||
	    d->templates.count > d->limits.templates ||
	    d->facts.count > d->limits.facts || memory_full(d, 0)) {
		/* Tables that were made for more may be what is too much. */
		for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
			if (tables[i]->count < tables[i]->nslots / 4)
				htable_shrink(tables[i], &d->bytes);
		if (domain_evict(d, NULL) == -1)
			return;
	}
}

void
decode_reserve(struct decoder *d, size_t bytes)
{
	d->reserved = bytes;
}

void
decode_limit(struct decoder *d, const struct dec_limits *limits)
{
	static const struct dec_limits none;

	d->limits = limits == NULL ? none : *limits;
	limits_default(&d->limits);
	d->current = NULL;
	shrink(d);
}

static struct domain *
domain_new(struct decoder *d, struct exporter *e, const struct domain_key *key)
{
	struct domain *dom;

	if ((dom = calloc(1, sizeof(*dom))) == NULL)
		return (NULL);
	dom->node.hash = key->hash;
	dom->version = key->version;
	dom->source_id = key->source_id;
	dom->exporter = e;
	TAILQ_INIT(&dom->templates);
	TAILQ_INIT(&dom->facts);
	if (htable_add(&d->domains, &dom->node, &d->bytes) == -1) {
		free(dom);
		return (NULL);
	}
	TAILQ_INSERT_TAIL(&e->domains, dom, sibling);
	e->ndomains++;
	if (!e->configured)
		TAILQ_INSERT_TAIL(&d->lru, dom, lru);
	d->bytes += sizeof(*dom) + MEMORY_OVERHEAD;
	return (dom);
}

static struct domain *
domain_find(struct decoder *d, const struct dec_source *src,
    const struct domain_key *key)
{
	struct hnode *n = htable_first(&d->domains, key->hash);

	for (; n != NULL; n = hnode_next(n)) {
		struct domain *dom = (struct domain *)n;

		if (dom->source_id == key->source_id &&
		    dom->version == key->version &&
		    dom->exporter->port == src->port &&
		    addr_equal(&dom->exporter->addr, &src->agent))
			return (dom);
	}
	return (NULL);
}

static uint64_t
domain_hash(const struct decoder *d, const struct dec_source *src,
    uint16_t version, uint32_t source_id)
{
	return (hash_add(hash(d, &src->agent, src->port) + version, source_id));
}

struct domain *
domain_known(struct decoder *d, const struct dec_source *src, uint16_t version,
    uint32_t source_id)
{
	struct domain_key key = {.version = version, .source_id = source_id};

	key.hash = domain_hash(d, src, version, source_id);
	return (domain_find(d, src, &key));
}

struct domain *
domain_get(struct decoder *d, const struct dec_source *src, uint16_t version,
    uint32_t source_id)
{
	struct domain_key key = {.version = version, .source_id = source_id};
	struct domain *dom;
	struct exporter *e;

	key.hash = domain_hash(d, src, version, source_id);
	if ((dom = domain_find(d, src, &key)) != NULL) {
		exporter_configure(d, dom->exporter, src->configured);
		domain_touch(d, dom);
		return (dom);
	}
	if ((e = exporter_find(d, &src->agent, src->port)) != NULL)
		exporter_configure(d, e, src->configured);
	if (domain_room(d, e) == -1)
		return (NULL);
	if (e == NULL && (e = exporter_new(d, src)) == NULL)
		return (NULL);
	dom = domain_new(d, e, &key);
	if (e->ndomains == 0)
		exporter_free(d, e);
	return (dom);
}

void
domains_free(struct decoder *d)
{
	uint32_t i;
	struct hnode *n;

	for (i = 0; i < d->domains.nslots; i++)
		while ((n = d->domains.slot[i]) != NULL)
			domain_free(d, (struct domain *)n);
	free(d->exporters.slot);
	free(d->domains.slot);
	free(d->templates.slot);
	free(d->facts.slot);
	free(d->forms.table.slot);
}

void
decode_forget(struct decoder *d, const struct addr *agent, uint16_t port)
{
	struct exporter *e = exporter_find(d, agent, port);
	uint32_t n;

	/* The exporter goes with its last domain. */
	if (e != NULL)
		for (n = e->ndomains; n > 0; n--)
			domain_free(d, TAILQ_FIRST(&e->domains));
}

void
decode_usage(const struct decoder *d, struct dec_usage *u)
{
	memset(u, 0, sizeof(*u));
	u->domains = d->domains.count;
	u->templates = d->templates.count;
	u->facts = d->facts.count;
	u->bytes = d->bytes;
	u->changes = d->changes;
	u->evicted = d->evicted;
	u->refused = d->refused;
	u->facts_refused = d->facts_refused;
	u->expired = d->expired;
	memcpy(u->hits, d->hits, sizeof(u->hits));
}
