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
 * What holds for every flow of a decoder, whatever its datagram was.
 */

#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "field.h"

#define REQUIRE(x)                                                         \
	do {                                                               \
		if (!(x)) {                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
			    #x);                                           \
			abort();                                           \
		}                                                          \
	} while (0)

/* Small, so that what happens at them is met. */
static const struct dec_limits limits_small = {.domains = 8,
    .domains_exporter = 3,
    .templates = 24,
    .templates_domain = 12,
    .facts = 32,
    .facts_domain = 16,
    .bytes = 64 * 1024};

static inline bool
is_zero(const struct flow *f, const struct field *fd)
{
	static const struct flow none;

	if (fd->type <= FT_U64)
		return (field_number(f, fd) == 0);
	/* It has the place of an address. */
	if (fd->bit == FLOW_SRC_PREFIX || fd->bit == FLOW_DST_PREFIX)
		return (true);
	if (flow_has(f, FLOW_SRC_PREFIX) && fd->bit == FLOW_SRC_ADDR)
		return (true);
	if (flow_has(f, FLOW_DST_PREFIX) && fd->bit == FLOW_DST_ADDR)
		return (true);
	return (memcmp(field_cptr(f, fd), field_cptr(&none, fd),
		    field_size(fd->type)) == 0);
}

/* All of it can be read. */
static inline void
check_text(const struct flow_text *t)
{
	REQUIRE(t->len > 0 && t->len <= FLOW_TEXT_MAX);
	REQUIRE(t->p[0] != '\0' && memchr(t->p, '\0', t->len) == NULL);
}

/* As it is handed over; marked, so that the next one shows if it is the same.
 */
static inline void
check_flow(struct flow *f)
{
	/* An unset clock makes no flow of 1970. */
	const int64_t min = INT64_C(315532800) * NSEC_PER_SEC;
	size_t i;

	/* A field whose bit is clear reads as zero. */
	for (i = 0; i < FLOW_NFIELDS; i++)
		if (!flow_has(f, fields[i].bit))
			REQUIRE(is_zero(f, &fields[i]));
		else if (fields[i].type == FT_TEXT)
			check_text(field_cptr(f, &fields[i]));
	REQUIRE(flow_has(f, FLOW_AGENT) && flow_has(f, FLOW_VERSION));
	REQUIRE(!flow_has(f, FLOW_TAG));
	REQUIRE(f->application_id[0] <= FLOW_APPID_MAX);
	if (flow_has(f, FLOW_START) || flow_has(f, FLOW_END))
		REQUIRE(f->clock != CLOCK_NONE);
	REQUIRE(!flow_has(f, FLOW_START) || f->start >= min);
	REQUIRE(!flow_has(f, FLOW_END) || f->end >= min);
	REQUIRE(!flow_has(f, FLOW_EVENT_TIME) || f->event_time >= min);
	f->tag = UINT32_MAX;
	flow_set(f, FLOW_TAG);
}

static inline void
check_usage(const struct decoder *d, const struct dec_limits *l)
{
	struct dec_usage u;

	decode_usage(d, &u);
	REQUIRE(u.domains <= l->domains);
	REQUIRE(u.templates <= l->templates);
	REQUIRE(u.facts <= l->facts);
	REQUIRE(u.bytes <= l->bytes);
}

#endif /* FUZZ_CHECK_H */
