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

/*
 * The size is kept from the compiler: for one that it knows it puts a string
 * instruction in the place of the call, which takes five times as long.
 */
void
flow_clear(struct flow *f)
{
	static const volatile size_t size = sizeof(*f);

	memset(f, 0, size);
}

int64_t
flow_uptime_to_time(int64_t export_time, uint32_t sys_uptime, uint32_t stamp)
{
	const uint64_t msec = (uint64_t)NSEC_PER_MSEC;
	const uint32_t ago = sys_uptime - stamp, ahead = stamp - sys_uptime;
	uint64_t t = (uint64_t)export_time;

	/* Modulo 2^64: rows ask it of any time of export, of files, too. */
	t = ahead != 0 && ahead <= FLOW_AHEAD_MAX ? t + ahead * msec
						  : t - ago * msec;
	return ((int64_t)t);
}
