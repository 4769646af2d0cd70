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
 * What a decoder learned, written.  docs/state.md has the format; load.c reads
 * it.
 */

#include <stdlib.h>

#include "compat/crc.h"
#include "decode/memory.h"
#include "decode/save.h"

struct out {
	state_write_fn write;
	void *arg;
	struct wr wr; /* into buf, where the next item goes */
	uint32_t chunks;
	bool clean;
	uint8_t buf[STATE_CHUNK_MAX];
};

/* The fields of an item before the bytes that are of any length. */
struct head {
	struct wr wr;
	uint8_t buf[32];
};

static uint32_t
checksum(const void *p, size_t len)
{
	return (~crc_update(UINT32_MAX, p, len));
}

static int
put_header(struct out *o, const struct state_info *info)
{
	struct wr wr = wr_init(o->buf, STATE_HDRLEN);

	(void)wr_u32(&wr, STATE_MAGIC);
	(void)wr_u8(&wr, STATE_MAJOR);
	(void)wr_u8(&wr, STATE_MINOR);
	(void)wr_u16(&wr, info->clean ? STATE_CLEAN : 0);
	(void)wr_u64(&wr, (uint64_t)info->time);
	(void)wr_u32(&wr, checksum(o->buf, STATE_HDRLEN - 4));
	return (o->write(o->arg, o->buf, STATE_HDRLEN));
}

static void
chunk_begin(struct out *o)
{
	o->wr = wr_init(o->buf + STATE_CHUNK_HDRLEN,
	    sizeof(o->buf) - STATE_CHUNK_HDRLEN);
}

static int
chunk_end(struct out *o, enum state_chunk kind)
{
	struct wr wr = wr_init(o->buf, STATE_CHUNK_HDRLEN);
	size_t len = sizeof(o->buf) - STATE_CHUNK_HDRLEN - o->wr.left;

	(void)wr_u16(&wr, STATE_CHUNK_MAGIC);
	(void)wr_u16(&wr, (uint16_t)kind);
	(void)wr_u32(&wr, (uint32_t)len);
	(void)wr_u32(&wr, checksum(o->buf + STATE_CHUNK_HDRLEN, len));
	(void)wr_u32(&wr, checksum(o->buf, STATE_CHUNK_HDRLEN - 4));
	o->chunks++;
	return (o->write(o->arg, o->buf, STATE_CHUNK_HDRLEN + len));
}

static void
put_addr(struct wr *wr, const struct addr *a)
{
	(void)wr_u8(wr, a->family);
	(void)wr_bytes(wr, a->b, sizeof(a->b));
}

static void
domain_begin(struct out *o, const struct domain *dom)
{
	chunk_begin(o);
	put_addr(&o->wr, &dom->exporter->addr);
	(void)wr_u16(&o->wr, dom->exporter->port);
	(void)wr_u16(&o->wr, dom->version);
	(void)wr_u32(&o->wr, dom->source_id);
}

static struct head *
head_begin(struct head *h)
{
	h->wr = wr_init(h->buf, sizeof(h->buf));
	return (h);
}

/* A whole item; the chunk is ended and another one begun if it is full. */
static int
put_item(struct out *o, const struct domain *dom, enum state_item kind,
    const struct head *h, struct rd rest)
{
	size_t headlen = sizeof(h->buf) - h->wr.left;
	size_t len = headlen + rest.left;

	if (len > UINT16_MAX)
		return (0); /* no datagram teaches that */
	if (len + 4 > o->wr.left) {
		if (chunk_end(o, STATE_DOMAIN) == -1)
			return (-1);
		domain_begin(o, dom);
	}
	(void)wr_u16(&o->wr, (uint16_t)kind);
	(void)wr_u16(&o->wr, (uint16_t)len);
	(void)wr_bytes(&o->wr, h->buf, headlen);
	/* Of nothing there is no address, which memcpy(3) does not take. */
	if (rest.left > 0)
		(void)wr_bytes(&o->wr, rest.p, rest.left);
	return (0);
}

static int
put_sequence(struct out *o, const struct domain *dom)
{
	struct head h;

	/* With datagrams still to come it would be wrong at once. */
	if (!o->clean || !dom->sequence.known)
		return (0);
	head_begin(&h);
	(void)sequence_save(&dom->sequence, &h.wr);
	return (put_item(o, dom, STATE_SEQUENCE, &h, rd_init(h.buf, 0)));
}

static int
put_sysinit(struct out *o, const struct domain *dom)
{
	struct head h;

	if (!dom->has_sysinit)
		return (0);
	head_begin(&h);
	(void)wr_u64(&h.wr, (uint64_t)dom->sysinit);
	return (put_item(o, dom, STATE_SYSINIT, &h, rd_init(h.buf, 0)));
}

static int
put_named(struct out *o, const struct domain *dom)
{
	struct head h;

	if (dom->named.family == ADDR_NONE)
		return (0);
	put_addr(&head_begin(&h)->wr, &dom->named);
	return (put_item(o, dom, STATE_NAMED, &h, rd_init(h.buf, 0)));
}

static int
put_template(struct out *o, const struct template *t)
{
	struct head h;

	head_begin(&h);
	(void)wr_u64(&h.wr, (uint64_t)t->heard);
	(void)wr_u16(&h.wr, t->id);
	(void)wr_u16(&h.wr, t->nscope);
	(void)wr_u8(&h.wr, t->options);
	return (put_item(o, t->dom, STATE_TEMPLATE, &h,
	    rd_init(t->raw, t->rawlen)));
}

static int
put_fact(struct out *o, const struct fact *f)
{
	struct head h;

	head_begin(&h);
	(void)wr_u8(&h.wr, f->kind);
	(void)wr_u8(&h.wr, f->algorithm);
	(void)wr_u32(&h.wr, f->rate);
	(void)wr_u8(&h.wr, f->keylen);
	(void)wr_bytes(&h.wr, f->key, f->keylen);
	return (
	    put_item(o, f->dom, STATE_FACT, &h, rd_init(f->text, f->textlen)));
}

/*
 * In the order in which they are to be learned: of the samplers, each goes to
 * the head.
 */
static int
put_facts(struct out *o, const struct domain *dom)
{
	const struct fact *f;

	TAILQ_FOREACH_REVERSE(f, &dom->facts, facts, entry)
	if (f->kind == FACT_SAMPLER && put_fact(o, f) == -1)
		return (-1);
	TAILQ_FOREACH(f, &dom->facts, entry)
		if (f->kind != FACT_SAMPLER && put_fact(o, f) == -1)
			return (-1);
	return (0);
}

static int
put_domain(struct out *o, const struct domain *dom)
{
	const struct template *t;
	const uint8_t *start;

	domain_begin(o, dom);
	start = o->wr.p;
	if (put_sequence(o, dom) == -1 || put_sysinit(o, dom) == -1 ||
	    put_named(o, dom) == -1)
		return (-1);
	TAILQ_FOREACH(t, &dom->templates, entry)
		if (put_template(o, t) == -1)
			return (-1);
	if (put_facts(o, dom) == -1)
		return (-1);
	/* Nothing in it: not worth a place. */
	return (o->wr.p == start ? 0 : chunk_end(o, STATE_DOMAIN));
}

/* Those that are never evicted come first: they must find room. */
static int
put_configured(struct out *o, const struct decoder *d)
{
	const struct hnode *n;
	const struct exporter *e;
	const struct domain *dom;
	uint32_t i;

	for (i = 0; i < d->exporters.nslots; i++)
		for (n = d->exporters.slot[i]; n != NULL; n = n->next) {
			e = (const struct exporter *)n;
			if (!e->configured)
				continue;
			TAILQ_FOREACH_REVERSE(dom, &e->domains, domains,
			    sibling)
			if (put_domain(o, dom) == -1)
				return (-1);
		}
	return (0);
}

static int
put_all(struct out *o, const struct decoder *d)
{
	const struct domain *dom;
	uint32_t chunks;

	if (put_configured(o, d) == -1)
		return (-1);
	TAILQ_FOREACH_REVERSE(dom, &d->lru, domains, lru)
	if (put_domain(o, dom) == -1)
		return (-1);
	chunks = o->chunks;
	chunk_begin(o);
	(void)wr_u32(&o->wr, chunks);
	return (chunk_end(o, STATE_END));
}

int
decode_save(const struct decoder *d, const struct state_info *info,
    state_write_fn write, void *arg)
{
	struct out *o;
	int r = -1;

	if ((o = malloc(sizeof(*o))) == NULL)
		return (-1);
	o->write = write;
	o->arg = arg;
	o->chunks = 0;
	o->clean = info->clean;
	if (put_header(o, info) == 0)
		r = put_all(o, d);
	free(o);
	return (r);
}
