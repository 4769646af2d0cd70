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

#include <string.h>

#include "flow.h"
#include "meter/pacer.h"

/* How long n of them take, rounded up. */
static int64_t
span(const struct pacer *p, uint32_t n)
{
	return (((int64_t)n * NSEC_PER_SEC + p->rate - 1) / p->rate);
}

void
pacer_init(struct pacer *p, uint32_t rate)
{
	memset(p, 0, sizeof(*p));
	p->rate = rate;
	if (rate == 0)
		return;
	p->burst = rate / 1000;
	if (p->burst > PACER_BURST)
		p->burst = PACER_BURST;
	if (p->burst == 0)
		p->burst = 1;
	p->slack = span(p, p->burst - 1);
	p->due = INT64_MIN / 2;
}

uint32_t
pacer_allows(const struct pacer *p, int64_t now, uint32_t max)
{
	if (p->rate == 0)
		return (max);
	if (max > p->burst)
		max = p->burst;
	return (now >= pacer_next(p, max) ? max : 0);
}

void
pacer_spend(struct pacer *p, int64_t now, uint32_t n)
{
	uint64_t t;

	if (p->rate == 0)
		return;
	/* What was not used is not saved up. */
	if (p->due < now) {
		p->due = now;
		p->odd = 0;
	}
	t = (uint64_t)n * NSEC_PER_SEC + p->odd;
	p->due += (int64_t)(t / p->rate);
	p->odd = (uint32_t)(t % p->rate);
}

int64_t
pacer_next(const struct pacer *p, uint32_t n)
{
	if (p->rate == 0)
		return (INT64_MIN);
	if (n > p->burst)
		n = p->burst;
	if (n == 0)
		n = 1;
	return (p->due - p->slack + (n > 1 ? span(p, n - 1) : 0));
}
