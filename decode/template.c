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
 * What exporters taught: domains and their templates, within limits.
 *
 * Anyone can send under any address, so everything here costs the same
 * however much there is: hash tables with a seed that a sender does not know,
 * and lists ordered by use, from whose old end room is made.
 */

#include <stdlib.h>

#include "decode/template.h"

/* What malloc needs beside what was asked for, more or less. */
#define OVERHEAD 16
#define SLOTS_MIN 64

static int
htable_grow(struct decoder *d, struct htable *t)
{
	uint32_t i, n = t->nslots == 0 ? SLOTS_MIN : t->nslots * 2;
	struct hnode **slot, *node, *next;

	if ((slot = calloc(n, sizeof(*slot))) == NULL)
		return (-1);
	for (i = 0; i < t->nslots; i++) {
		for (node = t->slot[i]; node != NULL; node = next) {
			next = node->next;
			node->next = slot[node->hash & (n - 1)];
			slot[node->hash & (n - 1)] = node;
		}
	}
	free(t->slot);
	d->bytes += (n - t->nslots) * sizeof(*slot);
	t->slot = slot;
	t->nslots = n;
	return (0);
}

static int
htable_add(struct decoder *d, struct htable *t, struct hnode *node)
{
	struct hnode **slot;

	/* Longer chains are better than none. */
	if (t->count >= t->nslots && htable_grow(d, t) == -1 && t->nslots == 0)
		return (-1);
	slot = &t->slot[node->hash & (t->nslots - 1)];
	node->next = *slot;
	*slot = node;
	t->count++;
	return (0);
}

static void
htable_remove(struct htable *t, struct hnode *node)
{
	struct hnode **p = &t->slot[node->hash & (t->nslots - 1)];

	while (*p != node)
		p = &(*p)->next;
	*p = node->next;
	t->count--;
}

/* What the table grows by if one more goes in. */
static size_t
htable_growth(const struct htable *t)
{
	uint32_t n = t->nslots == 0 ? SLOTS_MIN : t->nslots;

	return (t->count >= t->nslots ? n * sizeof(*t->slot) : 0);
}

static struct hnode *
htable_first(const struct htable *t, uint64_t hash)
{
	struct hnode *node;

	if (t->nslots == 0)
		return (NULL);
	node = t->slot[hash & (t->nslots - 1)];
	while (node != NULL && node->hash != hash)
		node = node->next;
	return (node);
}

static struct hnode *
hnode_next(const struct hnode *node)
{
	struct hnode *n = node->next;

	while (n != NULL && n->hash != node->hash)
		n = n->next;
	return (n);
}

/* A hash of a hash and a number: addr_hash has the mixer. */
static uint64_t
hash_add(uint64_t hash, uint32_t n)
{
	const struct addr a = {.family = ADDR_V4,
	    .b = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
		(uint8_t)n}};

	return (addr_hash(&a, hash));
}

static void
template_free(struct decoder *d, struct template *t)
{
	struct domain *dom = t->dom;

	htable_remove(&d->templates, &t->node);
	LIST_REMOVE(t, entry);
	dom->ntemplates--;
	d->bytes -= t->bytes;
	free(t);
}

static void
exporter_free(struct decoder *d, struct exporter *e)
{
	htable_remove(&d->exporters, &e->node);
	d->bytes -= sizeof(*e) + OVERHEAD;
	free(e);
}

static void
domain_free(struct decoder *d, struct domain *dom)
{
	struct exporter *e = dom->exporter;
	struct template *t;

	while ((t = LIST_FIRST(&dom->templates)) != NULL)
		template_free(d, t);
	htable_remove(&d->domains, &dom->node);
	if (!e->configured)
		TAILQ_REMOVE(&d->lru, dom, lru);
	TAILQ_REMOVE(&e->domains, dom, sibling);
	d->bytes -= sizeof(*dom) + OVERHEAD;
	free(dom);
	if (--e->ndomains == 0)
		exporter_free(d, e);
}

/* Make room at the expense of the domain that was heard of least lately. */
static int
evict(struct decoder *d, const struct domain *keep)
{
	struct domain *dom = TAILQ_FIRST(&d->lru);

	if (dom != NULL && dom == keep)
		dom = TAILQ_NEXT(dom, lru);
	if (dom == NULL)
		return (-1);
	domain_free(d, dom);
	d->evicted++;
	return (0);
}

static struct exporter *
exporter_find(struct decoder *d, const struct addr *addr)
{
	struct hnode *n = htable_first(&d->exporters, addr_hash(addr, d->seed));

	while (n != NULL && !addr_equal(&((struct exporter *)n)->addr, addr))
		n = hnode_next(n);
	return ((struct exporter *)n);
}

static struct exporter *
exporter_new(struct decoder *d, const struct dec_source *src)
{
	struct exporter *e;

	if ((e = calloc(1, sizeof(*e))) == NULL)
		return (NULL);
	e->addr = src->agent;
	e->configured = src->configured;
	e->node.hash = addr_hash(&e->addr, d->seed);
	TAILQ_INIT(&e->domains);
	if (htable_add(d, &d->exporters, &e->node) == -1) {
		free(e);
		return (NULL);
	}
	d->bytes += sizeof(*e) + OVERHEAD;
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

static bool
full(const struct decoder *d)
{
	size_t more = sizeof(struct domain) + sizeof(struct exporter) +
	    2 * OVERHEAD + htable_growth(&d->domains) +
	    htable_growth(&d->exporters);

	return (d->domains.count >= d->limits.domains ||
	    d->bytes + more > d->limits.bytes);
}

/* Room for one more domain of an exporter, which NULL is if it is new. */
static int
domain_room(struct decoder *d, const struct exporter *e)
{
	if (e != NULL && e->ndomains >= d->limits.domains_exporter) {
		if (e->configured || e->ndomains < 2)
			return (-1);
		domain_free(d, TAILQ_FIRST(&e->domains));
		d->evicted++;
	}
	while (full(d))
		if (evict(d,
			e == NULL ? NULL : TAILQ_LAST(&e->domains, domains)) ==
		    -1)
			return (-1);
	return (0);
}

static struct domain *
domain_new(struct decoder *d, struct exporter *e, const struct domain *key)
{
	struct domain *dom;

	if ((dom = calloc(1, sizeof(*dom))) == NULL)
		return (NULL);
	dom->node.hash = key->node.hash;
	dom->version = key->version;
	dom->source_id = key->source_id;
	dom->exporter = e;
	LIST_INIT(&dom->templates);
	if (htable_add(d, &d->domains, &dom->node) == -1) {
		free(dom);
		return (NULL);
	}
	TAILQ_INSERT_TAIL(&e->domains, dom, sibling);
	e->ndomains++;
	if (!e->configured)
		TAILQ_INSERT_TAIL(&d->lru, dom, lru);
	d->bytes += sizeof(*dom) + OVERHEAD;
	return (dom);
}

static struct domain *
domain_find(struct decoder *d, const struct addr *addr,
    const struct domain *key)
{
	struct hnode *n = htable_first(&d->domains, key->node.hash);

	for (; n != NULL; n = hnode_next(n)) {
		struct domain *dom = (struct domain *)n;

		if (dom->source_id == key->source_id &&
		    dom->version == key->version &&
		    addr_equal(&dom->exporter->addr, addr))
			return (dom);
	}
	return (NULL);
}

struct domain *
domain_get(struct decoder *d, const struct dec_source *src, uint16_t version,
    uint32_t source_id)
{
	struct domain *dom, key = {.version = version, .source_id = source_id};
	struct exporter *e;

	key.node.hash =
	    hash_add(addr_hash(&src->agent, d->seed) + version, source_id);
	if ((dom = domain_find(d, &src->agent, &key)) != NULL) {
		exporter_configure(d, dom->exporter, src->configured);
		domain_touch(d, dom);
		return (dom);
	}
	if ((e = exporter_find(d, &src->agent)) != NULL)
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
}

void
decode_forget(struct decoder *d, const struct addr *agent)
{
	struct exporter *e = exporter_find(d, agent);
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
	u->bytes = d->bytes;
	u->evicted = d->evicted;
	u->refused = d->refused;
}

static struct template *
find(const struct decoder *d, const struct domain *dom, uint16_t id)
{
	struct hnode *n = NULL;

	if (dom != NULL)
		n = htable_first(&d->templates, hash_add(dom->node.hash, id));
	for (; n != NULL; n = hnode_next(n)) {
		struct template *t = (struct template *)n;

		if (t->id == id && t->dom == dom)
			return (t);
	}
	return (NULL);
}

const struct template *
template_find(const struct decoder *d, const struct domain *dom, uint16_t id)
{
	return (find(d, dom, id));
}

static bool
template_same(const struct template *t, const struct specs *specs, bool options)
{
	return (t->options == options && t->nscope == specs->nscope &&
	    t->rawlen == specs->rd.left &&
	    memcmp(t->raw, specs->rd.p, t->rawlen) == 0);
}

static int
template_room(struct decoder *d, const struct domain *dom, size_t bytes)
{
	if (dom == NULL || dom->ntemplates >= d->limits.templates_domain)
		return (-1);
	while (d->templates.count >= d->limits.templates ||
	    d->bytes + bytes + htable_growth(&d->templates) > d->limits.bytes)
		if (evict(d, dom) == -1)
			return (-1);
	return (0);
}

/* The template, its steps and its field list are one piece of memory. */
static struct template *
template_new(const struct specs *specs, const struct program *pg, size_t bytes)
{
	struct template *t;
	struct op *op;
	uint8_t *raw;

	if ((t = calloc(1, bytes - OVERHEAD)) == NULL)
		return (NULL);
	op = (struct op *)(t + 1);
	raw = (uint8_t *)(op + pg->nops);
	memcpy(raw, specs->rd.p, specs->rd.left);
	t->raw = raw;
	t->rawlen = (uint32_t)specs->rd.left;
	t->nscope = specs->nscope;
	t->bytes = bytes;
	program_compile(specs, &t->program, op);
	return (t);
}

static enum template_fate
template_add(struct decoder *d, struct domain *dom, const struct specs *specs,
    struct template key)
{
	struct program pg;
	struct template *t;
	size_t bytes;

	if (program_measure(specs, &pg) == -1)
		return (TEMPLATE_BAD);
	bytes = sizeof(*t) + pg.nops * sizeof(struct op) + specs->rd.left +
	    OVERHEAD;
	if (template_room(d, dom, bytes) == -1 ||
	    (t = template_new(specs, &pg, bytes)) == NULL) {
		d->refused++;
		return (TEMPLATE_NOROOM);
	}
	t->id = key.id;
	t->options = key.options;
	t->dom = dom;
	t->node.hash = hash_add(dom->node.hash, t->id);
	if (htable_add(d, &d->templates, &t->node) == -1) {
		free(t);
		d->refused++;
		return (TEMPLATE_NOROOM);
	}
	LIST_INSERT_HEAD(&dom->templates, t, entry);
	dom->ntemplates++;
	d->bytes += bytes;
	return (TEMPLATE_LEARNED);
}

enum template_fate
template_learn(struct decoder *d, struct domain *dom, const struct specs *specs,
    uint16_t id, bool options)
{
	struct template *t = find(d, dom, id);

	if (t != NULL && template_same(t, specs, options))
		return (TEMPLATE_LEARNED);
	/*
	 * What the exporter says now counts, even if it cannot be used: its
	 * data are not those of the old template any more.
	 */
	if (t != NULL)
		template_free(d, t);
	if (id < NF_SET_DATA_MIN)
		return (TEMPLATE_BAD);
	return (template_add(d, dom, specs,
	    (struct template){.id = id, .options = options}));
}

unsigned int
template_forget(struct decoder *d, const struct domain *dom, uint16_t id)
{
	struct template *t = find(d, dom, id);

	if (t == NULL)
		return (0);
	template_free(d, t);
	return (1);
}

unsigned int
template_forget_all(struct decoder *d, struct domain *dom, bool options)
{
	struct template *t, *next;
	unsigned int n = 0;

	if (dom == NULL)
		return (0);
	for (t = LIST_FIRST(&dom->templates); t != NULL; t = next) {
		next = LIST_NEXT(t, entry);
		if (t->options == options) {
			template_free(d, t);
			n++;
		}
	}
	return (n);
}
