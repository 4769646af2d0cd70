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

#include "sandbox.h"

const char *
sandbox_collector(void)
{
	return ("nothing");
}

int
sandbox_threads(void)
{
	return (0);
}

const char *
sandbox_sealer(void)
{
	return ("nothing");
}

const char *
sandbox_meter(void)
{
	return ("nothing");
}

const char *
sandbox_control(void)
{
	return ("nothing");
}

const char *
sandbox_name(void)
{
	return ("nothing");
}

const char *
sandbox_parent(void)
{
	return ("nothing");
}
