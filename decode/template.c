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
 * The templates of a domain.
 */

#include <stdlib.h>

#include "decode/memory.h"

#define STALE (3600 * NSEC_PER_SEC)
#define STALE_LOOKS 16

static void
end(struct decoder *d, struct template *t)
{
	ignored_fold(d, t);
	form_drop(&d->forms, t->program.formed);
	d->bytes -= t->bytes;
	free(t);
}

/* A set that is held still needs it: it is out of sight until then. */
void
template_free(struct decoder *d, struct template *t)
{
	htable_remove(&d->templates, &t->node);
	TAILQ_REMOVE(&t->dom->templates, t, entry);
	t->dom->ntemplates--;
	t->dom->exporter->ntemplates--;
	t->dom->exporter->bytes -= t->bytes;
	if (t->held) {
		TAILQ_INSERT_TAIL(&d->retired, t, entry);
		return;
	}
	d->changes++;
	end(d, t);
}

void
templates_release(struct decoder *d)
{
	struct template *t;

	while ((t = TAILQ_FIRST(&d->retired)) != NULL) {
		TAILQ_REMOVE(&d->retired, t, entry);
		end(d, t);
	}
}

static bool
expired(const struct decoder *d, const struct template *t)
{
	const uint32_t after = t->dom->version == NF_IPFIX
	    ? d->limits.expire_ipfix
	    : d->limits.expire_v9;

	return (after != 0 && d->now - t->heard > after * NSEC_PER_SEC);
}

static void
expire(struct decoder *d, struct template *t)
{
	template_free(d, t);
	d->expired++;
	d->nexpired++;
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

struct template *
template_find(struct decoder *d, const struct domain *dom, uint16_t id)
{
	struct template *t = find(d, dom, id);

	if (t == NULL || !expired(d, t))
		return (t);
	expire(d, t);
	return (NULL);
}

static bool
template_same(const struct template *t, const struct specs *specs, bool options)
{
	return (t->options == options && t->nscope == specs->nscope &&
	    t->rawlen == specs->rd.left &&
	    memcmp(t->raw, specs->rd.p, t->rawlen) == 0);
}

/*
 * A domain that has all it may have forgets the template that was neither
 * heard of nor used for an hour: some exporters number them anew at each
 * start.  Those in use are passed over, so that a few looks find it in the end.
 */
static bool
stale_one(struct decoder *d, struct domain *dom)
{
	struct template *t;
	int looks;

	for (looks = 0; looks < STALE_LOOKS; looks++) {
		if ((t = TAILQ_FIRST(&dom->templates)) == NULL)
			break;
		if (d->now - t->heard > STALE && d->now - t->used > STALE) {
			template_free(d, t);
			return (true);
		}
		TAILQ_REMOVE(&dom->templates, t, entry);
		TAILQ_INSERT_TAIL(&dom->templates, t, entry);
	}
	return (false);
}

static enum dec_cap
too_many(const struct decoder *d, const struct domain *dom)
{
	if (dom->exporter->ntemplates >= d->limits.templates_exporter)
		return (DEC_CAP_SHARE);
	return (d->templates.count >= d->limits.templates ? DEC_CAP_TEMPLATES
							  : DEC_CAP_NONE);
}

static int
template_room(struct decoder *d, struct domain *dom, size_t bytes)
{
	struct template *t;

	if (dom == NULL)
		return (-1);
	while ((t = TAILQ_FIRST(&dom->templates)) != NULL && expired(d, t))
		expire(d, t);
	if (dom->ntemplates >= d->limits.templates_domain &&
	    !stale_one(d, dom)) {
		d->hits[DEC_CAP_SHARE]++;
		return (-1);
	}
	bytes += htable_growth(&d->templates) + htable_growth(&d->forms.table);
	return (domain_make_room(d, dom, bytes, too_many));
}

/* The template, its steps and its field list are one piece of memory. */
static struct template *
template_new(const struct specs *specs, const struct program *pg, bool options)
{
	const size_t bytes = sizeof(struct template) +
	    pg->nops * sizeof(struct op) + specs->rd.left;
	struct template *t;
	struct op *op;
	size_t form;
	uint8_t *raw;

	if ((t = calloc(1, bytes)) == NULL)
		return (NULL);
	op = (struct op *)(t + 1);
	raw = (uint8_t *)(op + pg->nops);
	memcpy(raw, specs->rd.p, specs->rd.left);
	t->raw = raw;
	t->rawlen = (uint32_t)specs->rd.left;
	t->nscope = specs->nscope;
	t->bytes = bytes + MEMORY_OVERHEAD;
	t->options = options;
	t->program = *pg;
	t->program.op = op;
	if (options) {
		options_compile(specs, op);
		return (t);
	}
	program_compile(specs, &t->program, op);
	/* Templates share forms; each counts as if it had its own. */
	if ((form = form_bytes(&t->program)) > 0)
		t->bytes += form + MEMORY_OVERHEAD;
	return (t);
}

static enum template_fate
template_add(struct decoder *d, struct domain *dom, const struct specs *specs,
    struct template key)
{
	struct program pg;
	struct template *t;

	if (program_measure(specs, &pg) == -1)
		return (TEMPLATE_BAD);
	if (key.options)
		pg.nops = options_compile(specs, NULL);
	if ((t = template_new(specs, &pg, key.options)) == NULL ||
	    template_room(d, dom, t->bytes) == -1) {
		free(t);
		d->refused++;
		return (TEMPLATE_NOROOM);
	}
	t->id = key.id;
	t->dom = dom;
	t->node.hash = hash_add(dom->node.hash, t->id);
	if (htable_add(&d->templates, &t->node, &d->bytes) == -1) {
		free(t);
		d->refused++;
		return (TEMPLATE_NOROOM);
	}
	if (!t->options)
		t->program.formed =
		    form_take(&d->forms, &t->program, &d->bytes);
	TAILQ_INSERT_TAIL(&dom->templates, t, entry);
	dom->ntemplates++;
	dom->exporter->ntemplates++;
	dom->exporter->bytes += t->bytes;
	d->bytes += t->bytes;
	d->changes++;
	t->heard = t->used = d->now;
	return (TEMPLATE_LEARNED);
}

enum template_fate
template_learn(struct decoder *d, struct domain *dom, const struct specs *specs,
    uint16_t id, bool options)
{
	struct template *t = template_find(d, dom, id);

	if (t != NULL && template_same(t, specs, options)) {
		t->heard = d->now;
		TAILQ_REMOVE(&dom->templates, t, entry);
		TAILQ_INSERT_TAIL(&dom->templates, t, entry);
		return (TEMPLATE_LEARNED);
	}
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
	struct template *t = template_find(d, dom, id);

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
	for (t = TAILQ_FIRST(&dom->templates); t != NULL; t = next) {
		next = TAILQ_NEXT(t, entry);
		if (t->options == options) {
			template_free(d, t);
			n++;
		}
	}
	return (n);
}
