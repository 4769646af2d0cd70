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

/* A row of columns as a flow. */

#include <string.h>

#include "archive/member.h"
#include "bindings/python/core/columns.h"

void
columns_addr(struct addr *to, const uint8_t *p)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
	    0xff};

	memset(to, 0, sizeof(*to));
	if (memcmp(p, mapped, 12) == 0) {
		to->family = ADDR_V4;
		memcpy(to->b, p + 12, 4);
	} else {
		to->family = ADDR_V6;
		memcpy(to->b, p, 16);
	}
}

static void
take_text(struct flow *f, const struct column *c, uint32_t row)
{
	const char *p = (const char *)c->values + c->offsets[row];
	size_t len = (size_t)(c->offsets[row + 1] - c->offsets[row]);
	char buf[ADDR_STRLEN];

	if (c->field->type != FT_ADDR) {
		if (len > FLOW_TEXT_MAX)
			len = FLOW_TEXT_MAX;
		member_set_bytes(f, c->field,
		    (struct flow_text){p, (uint16_t)len});
		return;
	}
	if (len >= sizeof(buf))
		len = sizeof(buf) - 1;
	memcpy(buf, p, len);
	buf[len] = '\0';
	(void)addr_parse(buf, field_ptr(f, c->field));
}

static void
take_labels(struct flow *f, const struct column *c, uint32_t row)
{
	size_t n = (size_t)(c->offsets[row + 1] - c->offsets[row]);

	if (n <= FLOW_MPLS_MAX)
		memcpy(field_ptr(f, c->field),
		    (const uint32_t *)c->values + c->offsets[row],
		    n * sizeof(uint32_t));
}

static void
take_value(struct flow *f, const struct column *c, uint32_t row)
{
	const size_t size = column_size(c->kind);
	const uint8_t *p = (const uint8_t *)c->values + size * row;

	if (c->kind == COLUMN_LABELS)
		take_labels(f, c, row);
	else if (size == 0)
		take_text(f, c, row);
	else if (c->kind == COLUMN_ADDR)
		columns_addr(field_ptr(f, c->field), p);
	else
		memcpy(field_ptr(f, c->field), p, size);
}

void
columns_row(const struct columns *cs, uint32_t row, struct flow *f)
{
	const struct column *c;
	uint16_t i;

	flow_clear(f);
	for (i = 0; i < cs->n; i++) {
		c = &cs->column[i];
		if (c->field == NULL || !column_has(c, row))
			continue;
		take_value(f, c, row);
		flow_set(f, c->field->bit);
	}
}
