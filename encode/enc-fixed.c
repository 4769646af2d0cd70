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
 * Versions 1, 5 and 7: their records are templates that are written down in
 * decode/layout.c.
 */

#include <errno.h>

#include "decode/layout.h"
#include "encode/enc-state.h"

static const struct layout *
layout_of(const struct encoder *e)
{
	int i = layout_find(e->config.version, 0);

	return (i == -1 ? NULL : &layouts[i]);
}

int
fixed_template(struct encoder *e)
{
	const struct layout *l = layout_of(e);
	struct enc_field field[ENC_FIELDS];
	size_t n;

	if (l == NULL) {
		errno = EINVAL;
		return (-1);
	}
	for (n = 0; n < ENC_FIELDS && l->field[n].len > 0; n++)
		field[n] = (struct enc_field){.id = l->field[n].element,
		    .len = l->field[n].len};
	if (enc_compile(&e->template[0].program, NF_V9, field, n) == -1)
		return (-1);
	e->ntemplates = 1;
	return (pile_init(e, &e->template[0]));
}

size_t
fixed_size(const struct encoder *e)
{
	const struct layout *l = layout_of(e);
	size_t most = e->config.version == NF_V1 ? NF_V1_RECORDS
	    : e->config.version == NF_V5	 ? NF_V5_RECORDS
						 : NF_V7_RECORDS;
	size_t n;

	if (l == NULL || e->config.payload < e->hdrlen + l->reclen)
		return (0);
	n = (e->config.payload - e->hdrlen) / l->reclen;
	return (e->hdrlen + (n < most ? n : most) * l->reclen);
}
