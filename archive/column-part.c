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
 * The parts of a column, expanded if need be, and its dictionary.
 */

#include "archive/batch-state.h"
#include "archive/dict.h"
#include "archive/series.h"

#define DICT_TEXT 256 /* bytes at most of a text and its length */

enum block_err
column_part(struct batch *b, struct mem *m, const struct block_part *part,
    size_t size, const uint8_t **p)
{
	uint8_t *room;

	if (part->expanded > size)
		return (BLOCK_COLUMN);
	if (part->squeeze == SQ_NONE) {
		*p = part->p;
		return (
		    part->stored == part->expanded ? BLOCK_OK : BLOCK_COLUMN);
	}
	if ((room = mem_room(m, part->expanded, 1)) == NULL ||
	    (b->expand == NULL && (b->expand = expand_new()) == NULL))
		return (BLOCK_NOMEM);
	*p = room;
	return (expand_get(b->expand, room, part->expanded, part->p,
		    part->stored) == -1
		? BLOCK_SQUEEZE
		: BLOCK_OK);
}

static enum block_err
dict_numbers(struct batch *b, struct slot *s, const struct block_column *c)
{
	const uint8_t *p;
	enum block_err err;
	uint64_t *num;

	if ((err = column_part(b, &b->scratch, &c->dict, series_bound(c->ndict),
		 &p)) != BLOCK_OK)
		return (err);
	if ((num = mem_room(&s->dict, c->ndict + 1, sizeof(*num))) == NULL)
		return (BLOCK_NOMEM);
	if (dict_get_numbers(num, c->ndict, p, c->dict.expanded) == -1)
		return (BLOCK_COLUMN);
	s->vec.num = num;
	return (BLOCK_OK);
}

static enum block_err
dict_addrs(struct batch *b, struct slot *s, const struct block_column *c)
{
	const uint8_t *p;
	enum block_err err;
	struct addr *addr;

	if ((err = column_part(b, &b->scratch, &c->dict,
		 dict_bound(CT_ADDR, c->ndict, 0), &p)) != BLOCK_OK)
		return (err);
	if ((addr = mem_room(&s->dict, c->ndict + 1, sizeof(*addr))) == NULL)
		return (BLOCK_NOMEM);
	if (dict_get_addrs(addr, c->ndict, p, c->dict.expanded) == -1)
		return (BLOCK_COLUMN);
	s->vec.addr = addr;
	return (BLOCK_OK);
}

/* What a member of the field can have. */
static bool
text_fits(unsigned int id, const struct flow_text *t)
{
	if (id >= FLOW_NFIELDS)
		return (false);
	switch (fields[id].type) {
	case FT_MAC:
		return (t->len == 0 || t->len == 6);
	case FT_APPID:
		return (t->len <= FLOW_APPID_MAX);
	case FT_LABELS:
		return (t->len % 4 == 0 && t->len <= FLOW_MPLS_MAX * 4);
	default:
		return (true);
	}
}

static enum block_err
dict_bytes(struct batch *b, struct slot *s, const struct block_column *c)
{
	struct flow_text *text;
	const uint8_t *p;
	enum block_err err;
	uint32_t i;

	if ((err = column_part(b, &s->text, &c->dict,
		 (size_t)c->ndict * DICT_TEXT, &p)) != BLOCK_OK)
		return (err);
	if ((text = mem_room(&s->dict, c->ndict + 1, sizeof(*text))) == NULL)
		return (BLOCK_NOMEM);
	if (dict_get_bytes(text, c->ndict, p, c->dict.expanded) == -1)
		return (BLOCK_COLUMN);
	for (i = 0; i < c->ndict; i++)
		if (!text_fits(c->id, &text[i]))
			return (BLOCK_COLUMN);
	s->vec.bytes = text;
	return (BLOCK_OK);
}

enum block_err
column_dict(struct batch *b, struct slot *s, const struct block_column *c)
{
	static enum block_err (*const get[CT_MAX])(struct batch *,
	    struct slot *,
	    const struct block_column *) = {[CT_NUMBER] = dict_numbers,
	    [CT_TIME] = dict_numbers,
	    [CT_ADDR] = dict_addrs,
	    [CT_BYTES] = dict_bytes};

	if (c->ndict == 0)
		return (BLOCK_COLUMN);
	s->vec.ndict = c->ndict;
	return (get[c->type](b, s, c));
}
