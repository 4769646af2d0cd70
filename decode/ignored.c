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
 * The elements of records that no field is made of, by number: so that an
 * operator sees what the exporters say in vain.
 *
 * A template counts its records, and they are added up here when it goes or
 * when somebody asks.  Anyone can make numbers up: there is room for so many,
 * and a count of what found none.
 */

#include "decode/memory.h"

#define SLOTS (2 * DEC_IGNORED_MAX) /* a power of two */

static void
add(struct decoder *d, uint32_t pen, uint16_t id, uint64_t records)
{
	struct ignored *ig = &d->ignored;
	uint64_t i = hash_add(hash_add(d->seed, pen), id);
	struct dec_ignored *slot;

	for (;; i++) {
		slot = &ig->slot[i % SLOTS];
		if (slot->records == 0)
			break;
		if (slot->pen == pen && slot->id == id) {
			slot->records += records;
			return;
		}
	}
	if (ig->count == DEC_IGNORED_MAX) {
		ig->more += records;
		return;
	}
	ig->count++;
	*slot = (struct dec_ignored){.pen = pen, .id = id, .records = records};
}

/* Of no enterprise. */
static bool
known(const struct specs *specs, bool options, uint16_t n, uint16_t id)
{
	if (id == NF_PADDING)
		return (true);
	if (!options)
		return (element_find(0, id) != NULL);
	/* A v9 scope has a type of its own numbering. */
	return ((specs->version == NF_V9 && n < specs->nscope) ||
	    options_reads(specs, n, id));
}

void
ignored_fold(struct decoder *d, struct template *t)
{
	struct specs specs = {.version = t->dom->version, .nscope = t->nscope};
	struct rd rd = rd_init(t->raw, t->rawlen);
	uint64_t records = t->records;
	uint32_t pen;
	uint16_t id, len, n;

	t->records = 0;
	if (records == 0)
		return;
	for (n = 0; rd_u16(&rd, &id) == 0 && rd_u16(&rd, &len) == 0; n++) {
		if (specs.version != NF_IPFIX || !(id & NF_ENTERPRISE)) {
			if (!known(&specs, t->options, n, id))
				add(d, 0, id, records);
			continue;
		}
		if (rd_u32(&rd, &pen) == -1)
			break;
		id &= NF_ENTERPRISE - 1;
		if (t->options || element_find(pen, id) == NULL)
			add(d, pen, id, records);
	}
}

uint64_t
decode_ignored(struct decoder *d, dec_ignored_fn fn, void *arg)
{
	const struct ignored *ig = &d->ignored;
	struct hnode *n;
	uint32_t i;

	for (i = 0; i < d->templates.nslots; i++)
		for (n = d->templates.slot[i]; n != NULL; n = n->next)
			ignored_fold(d, (struct template *)n);
	for (i = 0; i < SLOTS; i++)
		if (ig->slot[i].records > 0)
			fn(arg, &ig->slot[i]);
	return (ig->more);
}
