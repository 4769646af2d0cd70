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
 * What another decoder learned, read back.  docs/state.md has the format;
 * save.c writes it.  The file is believed as little as a datagram.
 */

#include <stdlib.h>

#include "compat/crc.h"
#include "decode/save.h"
#include "decode/state.h"

struct in {
	struct decoder *d;
	const struct state_reader *how;
	struct state_report *report;
	struct domain *dom; /* of the chunk under way */
	uint32_t chunks;
	uint32_t expected; /* of them, as the end says */
};

static bool
sound(const uint8_t *p, size_t len, uint32_t crc)
{
	return (~crc_update(UINT32_MAX, p, len) == crc);
}

/* The items: 0, or -1 if one cannot be or finds no room. */

static int
item_sequence(struct in *in, struct rd *rd)
{
	/* What was received since then would count as lost. */
	if (!in->report->info.clean)
		return (rd_skip(rd, SEQUENCE_SAVED));
	return (sequence_load(&in->dom->sequence, rd));
}

static int
item_sysinit(struct in *in, struct rd *rd)
{
	uint64_t sysinit;

	if (rd_u64(rd, &sysinit) == -1 || sysinit > TIME_MAX)
		return (-1);
	in->dom->has_sysinit = true;
	in->dom->sysinit = (int64_t)sysinit;
	return (0);
}

static int
get_addr(struct rd *rd, struct addr *a)
{
	struct addr got;
	size_t i;

	if (rd_u8(rd, &got.family) == -1 ||
	    rd_bytes(rd, got.b, sizeof(got.b)) == -1 || addr_bits(&got) == 0)
		return (-1);
	for (i = addr_bits(&got) / 8; i < sizeof(got.b); i++)
		if (got.b[i] != 0)
			return (-1);
	*a = got;
	return (0);
}

static int
item_named(struct in *in, struct rd *rd)
{
	return (get_addr(rd, &in->dom->named));
}

/* Whole fields, and as many scopes as there can be. */
static bool
specs_sound(struct rd rd, const struct specs *specs, bool options)
{
	struct specs one;
	uint32_t n = 0;

	while (rd.left > 0) {
		if (specs_cut(&rd, specs->version, 1, &one) == -1)
			return (false);
		n++;
	}
	return (n > 0 && n <= UINT16_MAX && specs->nscope <= n &&
	    (options || specs->nscope == 0));
}

static int
item_template(struct in *in, struct rd *rd)
{
	struct specs specs = {.version = in->dom->version};
	struct template *t;
	uint64_t heard;
	uint16_t id;
	uint8_t options;

	if (rd_u64(rd, &heard) == -1 || rd_u16(rd, &id) == -1 ||
	    rd_u16(rd, &specs.nscope) == -1 || rd_u8(rd, &options) == -1 ||
	    options > 1 || heard > TIME_MAX ||
	    (specs.version != NF_V9 && specs.version != NF_IPFIX))
		return (-1);
	(void)rd_sub(rd, rd->left, &specs.rd);
	if (!specs_sound(specs.rd, &specs, options != 0) ||
	    template_find(in->d, in->dom, id) != NULL ||
	    template_learn(in->d, in->dom, &specs, id, options != 0) !=
		TEMPLATE_LEARNED)
		return (-1);
	/* Not from the future: it would never expire. */
	if ((int64_t)heard > in->how->time)
		heard = (uint64_t)in->how->time;
	t = TAILQ_LAST(&in->dom->templates, templates);
	t->heard = t->used = (int64_t)heard;
	in->report->templates++;
	return (0);
}

static int
item_fact(struct in *in, struct rd *rd)
{
	struct fact head = {0};
	char text[FACT_TEXT_MAX];

	if (rd_u8(rd, &head.kind) == -1 || rd_u8(rd, &head.algorithm) == -1 ||
	    rd_u32(rd, &head.rate) == -1 || rd_u8(rd, &head.keylen) == -1 ||
	    head.kind >= FACT_MAX || head.keylen > sizeof(head.key) ||
	    rd_bytes(rd, head.key, head.keylen) == -1 ||
	    rd->left > sizeof(text))
		return (-1);
	head.textlen = (uint8_t)rd->left;
	(void)rd_bytes(rd, text, rd->left);
	if (!fact_sound(&head, text) ||
	    fact_find(in->d, in->dom, head.kind, head.key, head.keylen) !=
		NULL ||
	    !fact_set(in->d, in->dom, &head, text))
		return (-1);
	in->report->facts++;
	return (0);
}

static void
item(struct in *in, uint16_t kind, struct rd *rd)
{
	static int (*const readers[])(struct in *, struct rd *) = {
	    [STATE_SEQUENCE] = item_sequence,
	    [STATE_SYSINIT] = item_sysinit,
	    [STATE_NAMED] = item_named,
	    [STATE_TEMPLATE] = item_template,
	    [STATE_FACT] = item_fact,
	};

	if (kind >= sizeof(readers) / sizeof(readers[0]) ||
	    readers[kind] == NULL)
		in->report->unknown++;
	else if (readers[kind](in, rd) == -1 || rd->left > 0)
		in->report->refused++;
}

/*
 * The newest come first in the file.  What is evicted first is at the head:
 * each goes before those that were read earlier.
 */
static void
make_oldest(struct decoder *d, struct domain *dom)
{
	struct exporter *e = dom->exporter;

	TAILQ_REMOVE(&e->domains, dom, sibling);
	TAILQ_INSERT_HEAD(&e->domains, dom, sibling);
	if (e->configured)
		return;
	TAILQ_REMOVE(&d->lru, dom, lru);
	TAILQ_INSERT_HEAD(&d->lru, dom, lru);
}

/* Whose chunk it is.  -1: nobody's, and that is counted. */
static int
chunk_domain(struct in *in, struct rd *rd)
{
	struct dec_source src = {.recv_time = in->how->time};
	uint32_t source_id, had = in->d->domains.count;
	uint16_t version;

	if (get_addr(rd, &src.agent) == -1 || rd_u16(rd, &src.port) == -1 ||
	    rd_u16(rd, &version) == -1 || rd_u32(rd, &source_id) == -1) {
		in->report->refused++;
		return (-1);
	}
	if (!in->how->source(in->how->arg, &src)) {
		in->report->unwanted++;
		return (-1);
	}
	in->dom = domain_get(in->d, &src, version, source_id);
	if (in->dom == NULL) {
		in->report->refused++;
		return (-1);
	}
	make_oldest(in->d, in->dom);
	in->report->domains += in->d->domains.count - had;
	return (0);
}

static void
chunk(struct in *in, uint16_t kind, struct rd *rd)
{
	struct rd body;
	uint16_t item_kind, len;

	if (kind == STATE_END) {
		if (rd_u32(rd, &in->expected) == 0)
			in->report->cut = false;
		return;
	}
	in->chunks++;
	if (kind != STATE_DOMAIN) {
		in->report->unknown++;
		return;
	}
	if (chunk_domain(in, rd) == -1)
		return;
	while (rd->left > 0) {
		if (rd_u16(rd, &item_kind) == -1 || rd_u16(rd, &len) == -1 ||
		    rd_sub(rd, len, &body) == -1) {
			in->report->refused++;
			return;
		}
		item(in, item_kind, &body);
	}
}

/* The head of a chunk stands here, undamaged; what it says. */
static bool
chunk_here(struct rd rd, uint16_t *kind, uint32_t *len, uint32_t *crc)
{
	const uint8_t *p = rd.p;
	uint16_t magic;
	uint32_t own;

	return (rd_u16(&rd, &magic) == 0 && magic == STATE_CHUNK_MAGIC &&
	    rd_u16(&rd, kind) == 0 && rd_u32(&rd, len) == 0 &&
	    rd_u32(&rd, crc) == 0 && rd_u32(&rd, &own) == 0 &&
	    sound(p, STATE_CHUNK_HDRLEN - 4, own));
}

/*
 * All chunks.  Behind a head that is damaged no length can be believed: then
 * byte by byte to the next that is not.
 */
static void
chunks(struct in *in, struct rd *rd)
{
	struct rd body;
	uint32_t len, crc;
	uint16_t kind;
	bool lost = false;

	while (rd->left > 0) {
		if (!chunk_here(*rd, &kind, &len, &crc)) {
			in->report->damaged += !lost;
			lost = true;
			(void)rd_skip(rd, 1);
			continue;
		}
		lost = false;
		(void)rd_skip(rd, STATE_CHUNK_HDRLEN);
		if (rd_sub(rd, len, &body) == -1) {
			in->report->damaged++;
			return; /* it goes on behind the end */
		}
		if (sound(body.p, body.left, crc))
			chunk(in, kind, &body);
		else
			in->report->damaged++;
	}
}

static enum state_result
header(struct rd *rd, struct state_info *info)
{
	const uint8_t *p = rd->p;
	uint8_t major, minor;
	uint16_t flags;
	uint32_t magic, crc;
	uint64_t t;

	if (rd->left == 0)
		return (STATE_EMPTY);
	if (rd_u32(rd, &magic) == -1 || magic != STATE_MAGIC ||
	    rd_u8(rd, &major) == -1 || rd_u8(rd, &minor) == -1)
		return (STATE_FOREIGN);
	if (major > STATE_MAJOR)
		return (STATE_NEWER);
	if (rd_u16(rd, &flags) == -1 || rd_u64(rd, &t) == -1 ||
	    rd_u32(rd, &crc) == -1 || !sound(p, STATE_HDRLEN - 4, crc) ||
	    major != STATE_MAJOR)
		return (STATE_FOREIGN);
	info->time = (int64_t)t;
	info->clean = (flags & STATE_CLEAN) != 0;
	return (STATE_OK);
}

enum state_result
decode_load(struct decoder *d, struct rd rd, const struct state_reader *how,
    struct state_report *report)
{
	struct in in = {.d = d, .how = how, .report = report};
	uint32_t had = d->exporters.count;
	enum state_result r;

	memset(report, 0, sizeof(*report));
	if ((r = header(&rd, &report->info)) != STATE_OK)
		return (r);
	report->cut = true;
	d->loading = true;
	chunks(&in, &rd);
	d->loading = false;
	report->exporters = d->exporters.count - had;
	/* Chunks that are gone without a trace: as if it had no end. */
	report->cut = report->cut || in.chunks + report->damaged < in.expected;
	return (STATE_OK);
}
