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
 * What comes to the port of PSAMP.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "meter/psamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
need(bool holds)
{
	if (!holds)
		abort();
}

/* What we would send of it is the same to who receives it. */
static void
again(const struct frame *f)
{
	struct psamp *p = psamp_new(0, 1);
	uint8_t buf[PSAMP_MESSAGE];
	struct frame g;

	if (p == NULL)
		return;
	need(psamp_packet(p, f, buf) == sizeof(buf));
	need(psamp_frame(buf, sizeof(buf), &g) == 0);
	need(g.caplen <= f->caplen && f->caplen - g.caplen <= 2);
	need(g.len == f->len);
	need(g.time == (f->time < 0 ? 0 : f->time));
	need(memcmp(g.data, f->data, g.caplen) == 0);
	psamp_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct frame f;

	if (psamp_frame(p, n, &f) == -1)
		return (0);
	need(f.caplen > 0 && f.len >= f.caplen);
	need(f.data >= p && f.data + f.caplen <= p + n);
	again(&f);
	return (0);
}
