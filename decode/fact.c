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
 * What exporters say of themselves: samplers and names, within limits.
 */

#include <stdlib.h>

#include "decode/memory.h"

static uint64_t
hash(const struct domain *dom, enum fact_kind kind, const uint8_t *key,
    size_t keylen)
{
	uint64_t h = hash_add(dom->node.hash, 0x10000 + kind);
	uint8_t b[FACT_KEY_MAX] = {0};
	size_t i;

	memcpy(b, key, keylen);
	for (i = 0; i < keylen; i += 4)
		h = hash_add(h, be32(b + i));
	return (h);
}

static struct fact *
find(const struct decoder *d, const struct domain *dom, enum fact_kind kind,
    const void *key, size_t keylen)
{
	struct hnode *n;
	struct fact *f;

	if (dom == NULL || dom->nfacts[kind] == 0 || keylen > FACT_KEY_MAX)
		return (NULL);
	n = htable_first(&d->facts, hash(dom, kind, key, keylen));
	for (; n != NULL; n = hnode_next(n)) {
		f = (struct fact *)n;
		if (f->dom == dom && f->kind == kind && f->keylen == keylen &&
		    memcmp(f->key, key, keylen) == 0)
			return (f);
	}
	return (NULL);
}

const struct fact *
fact_find(const struct decoder *d, const struct domain *dom,
    enum fact_kind kind, const void *key, size_t keylen)
{
	return (find(d, dom, kind, key, keylen));
}

/* clang-format off */
static const struct {
	uint8_t keymin, keymax;
	bool named; /* by a text, else a number */
} kinds[FACT_MAX] = {
	[FACT_SAMPLER] = { 8, 8, false },
	[FACT_SAMPLER_IF] = { 4, 4, false },
	[FACT_SAMPLER_TEMPLATE] = { 2, 2, false },
	[FACT_SAMPLER_ALL] = { 0, 0, false },
	[FACT_IF_NAME] = { 4, 4, true },
	[FACT_VRF_NAME] = { 4, 4, true },
	[FACT_APP_NAME] = { 1, FLOW_APPID_MAX, true },
	[FACT_SFLOW_DROPS] = { 8, 8, false },
};
/* clang-format on */

bool
fact_sound(const struct fact *f, const char *text)
{
	if (f->kind >= FACT_MAX || f->keylen < kinds[f->kind].keymin ||
	    f->keylen > kinds[f->kind].keymax)
		return (false);
	if (!kinds[f->kind].named)
		return (f->rate > 0 && f->textlen == 0);
	return (f->rate == 0 && f->textlen > 0 &&
	    memchr(text, '\0', f->textlen) == NULL);
}

bool
fact_key(struct fact *f, uint64_t n)
{
	size_t i;

	f->keylen = kinds[f->kind].keymin;
	for (i = f->keylen; i > 0; i--, n >>= 8)
		f->key[i - 1] = (uint8_t)n;
	return (n == 0 || f->keylen == sizeof(n));
}

const struct fact *
fact_number(const struct decoder *d, const struct domain *dom,
    enum fact_kind kind, uint64_t n)
{
	struct fact f;

	if (dom == NULL || dom->nfacts[kind] == 0)
		return (NULL);
	f.kind = (uint8_t)kind;
	if (!fact_key(&f, n))
		return (NULL);
	return (find(d, dom, kind, f.key, f.keylen));
}

void
fact_free(struct decoder *d, struct fact *f)
{
	htable_remove(&d->facts, &f->node);
	TAILQ_REMOVE(&f->dom->facts, f, entry);
	f->dom->nfacts[f->kind]--;
	f->dom->exporter->bytes -= f->bytes;
	d->bytes -= f->bytes;
	d->changes++;
	free(f);
}

static enum dec_cap
too_many(const struct decoder *d, const struct domain *dom)
{
	(void)dom;
	return (
	    d->facts.count >= d->limits.facts ? DEC_CAP_FACTS : DEC_CAP_NONE);
}

static bool
room(struct decoder *d, const struct domain *dom, size_t bytes)
{
	uint32_t i, n = 0;

	for (i = 0; i < FACT_MAX; i++)
		n += dom->nfacts[i];
	if (n >= d->limits.facts_domain) {
		d->hits[DEC_CAP_SHARE]++;
		return (false);
	}
	return (domain_make_room(d, dom, bytes + htable_growth(&d->facts),
		    too_many) == 0);
}

/* What is new of it fits where the old is: that never fails. */
static bool
renew(struct fact *f, const struct fact *head, const char *text)
{
	if (f->textlen != head->textlen)
		return (false);
	f->rate = head->rate;
	f->algorithm = head->algorithm;
	memcpy(f->text, text, f->textlen);
	return (true);
}

void
fact_forget(struct decoder *d, struct domain *dom, const struct fact *key)
{
	struct fact *f = find(d, dom, key->kind, key->key, key->keylen);

	if (f != NULL)
		fact_free(d, f);
}

bool
fact_set(struct decoder *d, struct domain *dom, const struct fact *head,
    const char *text)
{
	struct fact *f;
	size_t bytes = sizeof(*f) + head->textlen + MEMORY_OVERHEAD;

	if (dom == NULL || head->keylen > FACT_KEY_MAX)
		return (false);
	f = find(d, dom, head->kind, head->key, head->keylen);
	if (f != NULL && renew(f, head, text))
		return (true);
	if (f != NULL)
		fact_free(d, f);
	if (!room(d, dom, bytes) ||
	    (f = calloc(1, sizeof(*f) + head->textlen)) == NULL)
		return (false);
	f->rate = head->rate;
	f->algorithm = head->algorithm;
	f->kind = head->kind;
	f->keylen = head->keylen;
	f->textlen = head->textlen;
	memcpy(f->key, head->key, f->keylen);
	memcpy(f->text, text, f->textlen);
	f->dom = dom;
	f->bytes = bytes;
	f->node.hash = hash(dom, f->kind, f->key, f->keylen);
	if (htable_add(&d->facts, &f->node, &d->bytes) == -1) {
		free(f);
		return (false);
	}
	if (f->kind == FACT_SAMPLER)
		TAILQ_INSERT_HEAD(&dom->facts, f, entry);
	else
		TAILQ_INSERT_TAIL(&dom->facts, f, entry);
	dom->nfacts[f->kind]++;
	dom->exporter->bytes += bytes;
	d->bytes += bytes;
	d->changes++;
	return (true);
}
