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
 * Sampling rates from what exporters say of them (RFC 5477, RFC 3954).
 */

#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "decode/sampling.h"

static bool
sampling_has(const struct sampling *s, unsigned int part)
{
	return (s->has >> part & 1);
}

void
sampling_take(struct sampling *s, unsigned int part, uint64_t v, size_t len)
{
	uint32_t bits = (uint32_t)v;
	float f;
	double g;

	/* RFC 7011 6.2: half the width is allowed. */
	if (part == RATE_PROBABILITY && len == sizeof(f)) {
		memcpy(&f, &bits, sizeof(f));
		g = (double)f;
		memcpy(&v, &g, sizeof(v));
	}
	s->v[part] = v;
	s->has |= (uint16_t)(1U << part);
}

static uint32_t
clamp(uint64_t rate)
{
	return (rate > UINT32_MAX ? UINT32_MAX : (uint32_t)rate);
}

/* all / some, to the nearest. */
static uint32_t
ratio(uint64_t all, uint64_t some)
{
	uint64_t rate;

	if (some == 0 || all == 0)
		return (0);
	rate = all / some;
	if (all % some >= some - all % some)
		rate++;
	return (rate == 0 ? 1 : clamp(rate));
}

static uint32_t
taken_and_space(const struct sampling *s, unsigned int taken)
{
	uint64_t n, space;

	if (!sampling_has(s, taken) || !sampling_has(s, taken + 1))
		return (0);
	n = s->v[taken];
	space = s->v[taken + 1];
	if (n == 0 || space > UINT64_MAX - n)
		return (0);
	return (ratio(n + space, n));
}

static uint32_t
probability(const struct sampling *s)
{
	double p;

	memcpy(&p, &s->v[RATE_PROBABILITY], sizeof(p));
	/* Neither is a number that is none. */
	if (!(p > 0 && p <= 1))
		return (0);
	if (p < 1.0 / UINT32_MAX)
		return (UINT32_MAX);
	return ((uint32_t)(1 / p + 0.5));
}

uint32_t
sampling_rate(const struct sampling *s)
{
	uint32_t rate;

	if (sampling_has(s, RATE_INTERVAL) && s->v[RATE_INTERVAL] != 0)
		return (clamp(s->v[RATE_INTERVAL]));
	if (sampling_has(s, RATE_SIZE) && sampling_has(s, RATE_POPULATION) &&
	    (rate = ratio(s->v[RATE_POPULATION], s->v[RATE_SIZE])) != 0)
		return (rate);
	if ((rate = taken_and_space(s, RATE_TAKEN)) != 0 ||
	    (rate = taken_and_space(s, RATE_TIME)) != 0)
		return (rate);
	if (sampling_has(s, RATE_PROBABILITY) && (rate = probability(s)) != 0)
		return (rate);
	/* 305 took the place of 34, and its meaning where it stands alone. */
	if (sampling_has(s, RATE_TAKEN) && !sampling_has(s, RATE_SPACE))
		return (clamp(s->v[RATE_TAKEN]));
	return (0);
}

/* RFC 5477 8.2.1 numbers more of them than NetFlow does. */
uint8_t
sampling_method(const struct sampling *s)
{
	static const uint8_t netflow[] = {0, 1, 1, 2, 2};
	uint64_t v;

	if (sampling_has(s, RATE_METHOD) && s->v[RATE_METHOD] != 0)
		return ((uint8_t)(s->v[RATE_METHOD] > UINT8_MAX
			? UINT8_MAX
			: s->v[RATE_METHOD]));
	v = sampling_has(s, RATE_SELECTOR) ? s->v[RATE_SELECTOR] : 0;
	return (v < sizeof(netflow) ? netflow[v] : 0);
}
