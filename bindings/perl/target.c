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

#include "bindings/perl/target.h"
#include "scan/output.h"

static struct output *
out(struct target *t)
{
	return ((struct output *)(void *)t);
}

struct target *
target_open(const char *path, const struct target_ask *ask)
{
	struct output_options o = {
	    .mode = ask->mode == 'w' ? OUTPUT_REPLACE
		: ask->mode == 'x'   ? OUTPUT_NEW
				     : OUTPUT_APPEND,
	    .version = ask->version,
	    .level = ask->level,
	    .fields = ask->fields,
	};

	return ((struct target *)(void *)output_open(path, &o));
}

int
target_flow(struct target *t, const struct flow *f)
{
	return (output_flow(out(t), f));
}

int
target_flush(struct target *t)
{
	return (output_flush(out(t)));
}

uint64_t
target_written(const struct target *t)
{
	return (output_written((const struct output *)(const void *)t));
}

int
target_close(struct target *t, bool keep)
{
	return (output_close(out(t), keep));
}
