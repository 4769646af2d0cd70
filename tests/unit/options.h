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
 * For the tests of options data: options templates, their data, and flows that
 * say of which sampler or interface they are.
 */

#ifndef OPTIONS_H
#define OPTIONS_H

#include "wire.h"

static struct msg m;

enum { T_FLOW = 300, T_OPTIONS = 400, DOMAIN = 7 };

/* A field of options: an element, how long, and its value. */
struct opt {
	uint16_t id, len;
	uint64_t v;
};
#define OPTS(...) ((const struct opt[]){__VA_ARGS__, {0, 0, 0}})

static inline void
begin(uint8_t version, uint32_t domain)
{
	if (version == 9)
		v9_begin(&m, 100000, 1700000000, 0, domain);
	else
		ipfix_begin(&m, 1700000000, 0, domain);
}

static inline size_t
count(const struct opt *o)
{
	size_t n = 0;

	while (o[n].id != 0)
		n++;
	return (n);
}

static inline void
options_template(uint8_t version, uint16_t id, size_t nscope,
    const struct opt *o)
{
	const size_t n = count(o);

	set_begin(&m, version == 9 ? 1 : 3);
	put(&m, id, 2);
	put(&m, version == 9 ? nscope * 4 : n, 2);
	put(&m, version == 9 ? (n - nscope) * 4 : nscope, 2);
	for (; o->id != 0; o++) {
		put(&m, o->id, 2);
		put(&m, o->len, 2);
	}
	set_end(&m);
}

static inline void
options_data(uint16_t id, const struct opt *o)
{
	set_begin(&m, id);
	for (; o->id != 0; o++)
		put(&m, o->v, o->len);
	set_end(&m);
}

static inline void
options(uint8_t version, size_t nscope, const struct opt *o)
{
	options_template(version, T_OPTIONS, nscope, o);
	options_data(T_OPTIONS, o);
}

/* Sampler id, interfaces in and out, template id as wanted. */
static inline void
flow_template(uint8_t version, uint16_t id)
{
	static const uint16_t specs[][2] = {{4, 1}, {48, 1}, {10, 4}, {14, 4}};

	template_set(&m, version == 9 ? 0 : 2, id, specs, 4);
}

static inline void
flow_data(uint16_t id, uint8_t sampler, uint32_t in, uint32_t out)
{
	set_begin(&m, id);
	put(&m, 6, 1);
	put(&m, sampler, 1);
	put(&m, in, 4);
	put(&m, out, 4);
	set_end(&m);
}

/* A flow that says nothing of sampling. */
static inline void
plain(uint8_t version)
{
	static const uint16_t specs[][2] = {{4, 1}, {10, 4}, {14, 4}};

	template_set(&m, version == 9 ? 0 : 2, T_FLOW + 50, specs, 3);
	set_begin(&m, T_FLOW + 50);
	put(&m, 6, 1);
	put(&m, 1, 4);
	put(&m, 2, 4);
	set_end(&m);
}

static inline void
assert_rate(const struct flow *f, uint32_t rate, enum flow_sampling origin)
{
	assert_int_equal(flow_has(f, FLOW_SAMPLING_RATE), rate != 0);
	assert_int_equal(f->sampling_rate, rate);
	assert_int_equal(f->sampling, origin);
}

#define SCOPE             \
	{                 \
		144, 4, 1 \
	}

#endif /* OPTIONS_H */
