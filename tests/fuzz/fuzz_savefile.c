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
 * Capture files: read in steps of two sizes, and by libpcap.
 */

#include <inttypes.h>

#include "tests/unit/capture-equal.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
need(bool holds, const char *why)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", why);
	abort();
}

/* Compressed: libpcap does not read that. */
static bool
is_packed(const uint8_t *p, size_t len)
{
	return (len >= 4 &&
	    ((p[0] == 0x1f && p[1] == 0x8b) ||
		memcmp(p + 1, "\xb5\x2f\xfd", 3) == 0 ||
		memcmp(p + 1, "\x2a\x4d\x18", 3) == 0));
}

static void
check_frame(const struct capture_frame *f)
{
	need(f->caplen <= 262144, "a frame is longer than any may be");
	need(f->len >= f->caplen, "less was on the wire than was captured");
	need(f->time >= 0 && f->time < (INT64_C(1) << 32) * (1000000000 + 1000),
	    "a time that is out of range");
}

/*
 * libpcap's parts of a second run over where an interface has more than 34
 * bits of them: it is the unit tests that look at ours.
 */
static void
forget_parts(const struct capture_read *ours, struct capture_read *theirs)
{
	const int64_t second = 1000000000;
	size_t i;

	for (i = 0; i < theirs->n && i < CAPTURE_FRAMES; i++)
		if (theirs->frame[i].time / second ==
		    ours->frame[i].time / second)
			theirs->frame[i].time = ours->frame[i].time;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct capture_read ours, again, theirs;
	const char *path = capture_path(data, len);
	char why[256];
	size_t i;

	capture_ours(&ours, path, NULL, 1000);
	need(ours.opened || ours.error[0] != '\0', "refused without a reason");
	need(ours.failed == (ours.opened && ours.error[0] != '\0'),
	    "a reason without a failure");
	for (i = 0; i < ours.n && i < CAPTURE_FRAMES; i++)
		check_frame(&ours.frame[i]);
	capture_ours(&again, path, NULL, 1);
	need(memcmp(&ours, &again, sizeof(ours)) == 0,
	    "it matters in which steps a file is read");
	if (is_packed(data, len))
		return (0);
	capture_theirs(&theirs, path);
	forget_parts(&ours, &theirs);
	need(capture_equal(&ours, &theirs, why, sizeof(why)), why);
	return (0);
}
