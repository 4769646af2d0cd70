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
#include <string.h>

#include "archive/study.h"

#define POPULAR 256 /* values whose codes' upper byte is 0 */
#define COUNTS 1024

/* Values that occur so often are the popular ones, as many as there may be. */
static uint32_t
threshold(const uint32_t *count, uint32_t n)
{
	uint32_t of[COUNTS] = {0}, i, sum = 0;

	for (i = 0; i < n; i++)
		of[count[i] < COUNTS ? count[i] : COUNTS - 1]++;
	for (i = COUNTS - 1; i > 0 && sum + of[i] <= POPULAR; i--)
		sum += of[i];
	return (i + 1);
}

/* One step of a radix sort: of those with an equal byte the order stays. */
static void
sort_by(uint16_t *to, const uint16_t *from, const uint8_t *key, uint32_t n)
{
	uint32_t at[257] = {0}, i;

	for (i = 0; i < n; i++)
		at[key[i] + 1]++;
	for (i = 0; i < 256; i++)
		at[i + 1] += at[i];
	for (i = 0; i < n; i++)
		to[at[key[from[i]]]++] = from[i];
}

static bool
all_equal(const uint8_t *key, uint32_t n)
{
	return (n == 0 || memcmp(key, key + 1, n - 1) == 0);
}

static uint8_t
family_rank(const struct addr *a)
{
	return (a->family == ADDR_V4 ? 0 : a->family == ADDR_V6 ? 1 : 2);
}

/* Byte 0..15 of an address, then how popular it is, then its family. */
static void
make_key(uint8_t *key, const struct draft *d, const uint32_t *count, int which,
    uint32_t popular)
{
	const struct addr *a = d->col->addr;
	uint32_t i, n = d->col->ndict;

	for (i = 0; i < n; i++)
		if (which >= 0)
			key[i] = a[i].b[which];
		else if (which == -1)
			key[i] = count[i] < popular;
		else
			key[i] = family_rank(&a[i]);
}

static void
order(struct draft *d, const uint32_t *count, uint32_t popular, uint16_t *spare,
    uint8_t *key)
{
	uint32_t i, n = d->col->ndict;
	int which = 3;

	for (i = 0; i < n; i++) {
		d->pick[i] = (uint16_t)i;
		if (d->col->addr[i].family == ADDR_V6)
			which = 15;
	}
	for (; which >= -2; which--) {
		make_key(key, d, count, which, popular);
		if (all_equal(key, n))
			continue;
		sort_by(spare, d->pick, key, n);
		memcpy(d->pick, spare, n * sizeof(*spare));
	}
}

/*
 * Sorted addresses take least, and codes take less if those that occur often
 * have small ones: so the popular ones come first, both parts sorted.
 */
int
popular_order(struct study *s, struct draft *d)
{
	uint32_t i, n = d->col->ndict, *count = s->row;
	uint16_t *spare = (uint16_t *)s->u;
	uint8_t *key = (uint8_t *)s->value;

	if (d->code == NULL)
		d->code = malloc(BLOCK_FLOWS * sizeof(*d->code));
	if (d->pick == NULL)
		d->pick = malloc(BLOCK_FLOWS * sizeof(*d->pick));
	if (d->code == NULL || d->pick == NULL)
		return (-1);
	memset(count, 0, n * sizeof(*count));
	for (i = 0; i < s->n; i++)
		count[d->col->code[i]]++;
	order(d, count, n <= POPULAR ? 0 : threshold(count, n), spare, key);
	for (i = 0; i < n; i++)
		spare[d->pick[i]] = (uint16_t)i;
	for (i = 0; i < s->n; i++)
		d->code[i] = spare[d->col->code[i]];
	return (0);
}
