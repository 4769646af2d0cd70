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

#include <stdlib.h>

#include "archive/reseal.h"

struct reseal {
	struct reseal_totals totals;
};

struct reseal *
reseal_new(int level, int (*write)(void *, const uint8_t *, size_t), void *arg)
{
	(void)level;
	(void)write;
	(void)arg;
	return (NULL);
}

void
reseal_free(struct reseal *r)
{
	free(r);
}

int
reseal_segment(struct reseal *r, const uint8_t *p, size_t len)
{
	(void)r;
	(void)p;
	(void)len;
	return (-1);
}

int
reseal_flow(struct reseal *r, const struct flow *f)
{
	(void)r;
	(void)f;
	return (-1);
}

int
reseal_end(struct reseal *r)
{
	(void)r;
	return (-1);
}

const struct reseal_totals *
reseal_totals(const struct reseal *r)
{
	return (&r->totals);
}
