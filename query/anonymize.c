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
 * Bit i of an address is flipped or not as the first bit of the AES of the
 * bits before it, filled up with a secret pad.  So addresses that begin alike
 * do so afterwards, too.  The flips of a first half are kept: most addresses
 * share theirs with others.
 */

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "compat/aes.h"
#include "query/anonymize.h"

#define HALF4 16 /* bits of the first half of an IPv4 address */
#define HALF6 64
#define HALVES6 4096 /* that are kept */
#define STEP HALF6   /* bits that are worked out at once */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const enum flow_field addresses[] = {
    FLOW_AGENT,
    FLOW_SRC_ADDR,
    FLOW_DST_ADDR,
    FLOW_SRC_PREFIX,
    FLOW_DST_PREFIX,
    FLOW_NEXT_HOP,
    FLOW_BGP_NEXT_HOP,
    FLOW_POST_NAT_SRC_ADDR,
    FLOW_POST_NAT_DST_ADDR,
    FLOW_EXPORTER,
};

static const enum flow_field removed[] = {
    FLOW_IN_SRC_MAC,
    FLOW_IN_DST_MAC,
    FLOW_OUT_SRC_MAC,
    FLOW_OUT_DST_MAC,
    FLOW_IN_IF_NAME,
    FLOW_OUT_IF_NAME,
    FLOW_IN_VRF_NAME,
    FLOW_OUT_VRF_NAME,
    FLOW_USER_NAME,
    FLOW_DNS_NAME,
    FLOW_TLS_SERVER_NAME,
};

struct bits128 {
	uint64_t hi, lo;
};

struct half6 {
	uint64_t bits, flips;
	bool known;
};

struct mapped {
	struct vec vec;
	struct addr *addr;
	uint32_t size;
};

struct anonymize {
	struct aes *aes;
	struct bits128 pad;
	bool known4[1U << HALF4];
	uint16_t flips4[1U << HALF4];
	struct half6 half6[HALVES6];
	/* of a batch */
	struct mapped mapped[COUNT(addresses)];
	struct flow_set shapes[BATCH_SHAPES];
	uint8_t *used; /* values of a dictionary */
};

void
anonymize_free(struct anonymize *a)
{
	size_t i;

	if (a == NULL)
		return;
	aes_free(a->aes);
	for (i = 0; i < COUNT(addresses); i++)
		free(a->mapped[i].addr);
	free(a->used);
	free(a);
}

struct anonymize *
anonymize_new(const uint8_t *key)
{
	uint8_t pad[AES_BLOCK];
	struct anonymize *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (NULL);
	if ((a->used = malloc(BLOCK_FLOWS)) == NULL ||
	    (a->aes = aes_new(key)) == NULL ||
	    aes_encrypt(a->aes, pad, key + AES_BLOCK, 1) == -1) {
		anonymize_free(a);
		return (NULL);
	}
	a->pad.hi = be64(pad);
	a->pad.lo = be64(pad + 8);
	return (a);
}

/* The first n bits of one, and the rest of the other. */
static struct bits128
join(struct bits128 first, struct bits128 rest, unsigned int n)
{
	uint64_t hi = n >= 64 ? UINT64_MAX : ~(UINT64_MAX >> n);
	uint64_t lo = n <= 64 ? 0 : ~(UINT64_MAX >> (n - 64));

	return ((struct bits128){(first.hi & hi) | (rest.hi & ~hi),
	    (first.lo & lo) | (rest.lo & ~lo)});
}

/* Which of the n bits (at most STEP) from one on are flipped; 0, or -1. */
static int
flips(struct anonymize *a, struct bits128 addr, unsigned int from,
    unsigned int n, uint64_t *to)
{
	uint8_t blocks[STEP * AES_BLOCK];
	struct bits128 b;
	unsigned int i;

	for (i = 0; i < n; i++) {
		b = join(addr, a->pad, from + i);
		be64_put(blocks + (size_t)i * AES_BLOCK, b.hi);
		be64_put(blocks + (size_t)i * AES_BLOCK + 8, b.lo);
	}
	if (aes_encrypt(a->aes, blocks, blocks, n) == -1)
		return (-1);
	*to = 0;
	for (i = 0; i < n; i++)
		*to = *to << 1 | blocks[(size_t)i * AES_BLOCK] >> 7;
	return (0);
}

static int
anonymize4(struct anonymize *a, uint8_t *b)
{
	struct bits128 addr = {(uint64_t)be32(b) << 32, 0};
	uint16_t half = be16(b);
	uint64_t first = a->flips4[half], second;

	if (!a->known4[half]) {
		if (flips(a, addr, 0, HALF4, &first) == -1)
			return (-1);
		a->flips4[half] = (uint16_t)first;
		a->known4[half] = true;
	}
	if (flips(a, addr, HALF4, HALF4, &second) == -1)
		return (-1);
	be32_put(b, be32(b) ^ (uint32_t)(first << HALF4 | second));
	return (0);
}

static int
anonymize6(struct anonymize *a, uint8_t *b)
{
	struct bits128 addr = {be64(b), be64(b + 8)};
	struct half6 *h;
	uint64_t second;

	h = &a->half6[addr.hi * UINT64_C(0x9e3779b97f4a7c15) >> 52];
	if (!h->known || h->bits != addr.hi) {
		h->known = false;
		if (flips(a, addr, 0, HALF6, &h->flips) == -1)
			return (-1);
		h->bits = addr.hi;
		h->known = true;
	}
	if (flips(a, addr, HALF6, HALF6, &second) == -1)
		return (-1);
	be64_put(b, addr.hi ^ h->flips);
	be64_put(b + 8, addr.lo ^ second);
	return (0);
}

struct addr
anonymize_addr(struct anonymize *a, const struct addr *addr)
{
	struct addr to = *addr;
	int r = 0;

	if (to.family == ADDR_V4)
		r = anonymize4(a, to.b);
	else if (to.family == ADDR_V6)
		r = anonymize6(a, to.b);
	/* Rather no address than one that anybody can read. */
	if (r == -1)
		memset(&to, 0, sizeof(to));
	return (to);
}

/* Which values of its dictionary the rows have. */
static void
mark(struct anonymize *a, const struct vec *v, const struct sel *sel)
{
	uint32_t i;

	if (v->kind != VEC_CODES || sel == NULL || sel->row == NULL) {
		memset(a->used, 1, v->ndict);
		return;
	}
	memset(a->used, 0, v->ndict);
	for (i = 0; i < sel->n; i++)
		a->used[v->codes[sel->row[i]]] = 1;
}

static enum block_err
map(struct anonymize *a, struct mapped *m, const struct vec *v,
    const struct sel *sel)
{
	struct addr *addr;
	uint32_t i;

	if (m->size < v->ndict) {
		addr = reallocarray(m->addr, v->ndict, sizeof(*addr));
		if (addr == NULL)
			return (BLOCK_NOMEM);
		m->addr = addr;
		m->size = v->ndict;
	}
	mark(a, v, sel);
	memset(m->addr, 0, v->ndict * sizeof(*m->addr));
	for (i = 0; i < v->ndict; i++)
		if (a->used[i])
			m->addr[i] = anonymize_addr(a, &v->addr[i]);
	m->vec = *v;
	m->vec.addr = m->addr;
	return (BLOCK_OK);
}

static bool
has(const struct flow_set *s, enum flow_field f)
{
	return (s->w[f / 64] >> f % 64 & 1);
}

static void
unset(struct flow_set *s, enum flow_field f)
{
	s->w[f / 64] &= ~(UINT64_C(1) << f % 64);
}

static void
hide(struct anonymize *a, struct batch *b)
{
	const struct flow_set *shapes;
	bool any = false;
	uint32_t i, n;
	size_t k;

	for (k = 0; k < COUNT(removed); k++)
		any = any || batch_any(b, removed[k]);
	if (!any)
		return;
	shapes = batch_shapes(b, &n);
	for (i = 0; i < n; i++) {
		a->shapes[i] = shapes[i];
		for (k = 0; k < COUNT(removed); k++)
			unset(&a->shapes[i], removed[k]);
	}
	batch_reshape(b, a->shapes, n, NULL);
	for (k = 0; k < COUNT(removed); k++)
		batch_replace(b, removed[k], NULL);
}

enum block_err
anonymize_batch(struct anonymize *a, struct batch *b, const struct sel *sel,
    const struct flow_set *needs)
{
	const struct vec *v;
	enum block_err err;
	size_t i;

	for (i = 0; i < COUNT(addresses); i++) {
		/* Who looks nevertheless sees none. */
		if (needs != NULL && !has(needs, addresses[i])) {
			batch_replace(b, addresses[i], NULL);
			continue;
		}
		if ((err = batch_column(b, addresses[i], &v)) != BLOCK_OK)
			return (err);
		if (v == NULL)
			continue;
		if ((err = map(a, &a->mapped[i], v, sel)) != BLOCK_OK)
			return (err);
		batch_replace(b, addresses[i], &a->mapped[i].vec);
	}
	hide(a, b);
	return (BLOCK_OK);
}
