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
 * The format of pcap-savefile(5).
 */

#include <stdlib.h>

#include "meter/savefile.h"

#define HEAD_LEN 24
#define RECORD_LEN 16
#define LINKTYPE_MASK 0x03ffffff /* above: length of a frame check sequence */
#define VERSION_2 2
#define VERSION_DG 543 /* DG/UX wrote that */

/* Before 2.3 the two lengths stood the other way round; in 2.3, in some. */
enum lengths { LENGTHS_RIGHT, LENGTHS_SWAPPED, LENGTHS_MAYBE };

struct classic {
	uint32_t scale; /* ns of a fraction */
	size_t record;	/* bytes before a frame */
	enum lengths how;
};

static const struct kind {
	uint32_t magic;
	uint32_t scale;
	size_t record;
} kinds[] = {
    {0xa1b2c3d4, 1000, RECORD_LEN},
    {0xa1b23c4d, 1, RECORD_LEN},
    /* Kuznetzov's: interface, protocol and type behind the lengths. */
    {0xa1b2cd34, 1000, RECORD_LEN + 8},
};

static const struct kind *
find_kind(uint32_t magic)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].magic == magic)
			return (&kinds[i]);
	return (NULL);
}

static bool
version_lengths(uint16_t major, uint16_t minor, enum lengths *how)
{
	*how = LENGTHS_RIGHT;
	if (major == VERSION_DG && minor == 0)
		*how = LENGTHS_SWAPPED;
	else if (major != VERSION_2 || minor > 4)
		return (false);
	else if (minor < 3)
		*how = LENGTHS_SWAPPED;
	else if (minor == 3)
		*how = LENGTHS_MAYBE;
	return (true);
}

static enum source_state
open_classic(struct savefile *s)
{
	struct rd *rd = stream_rd(s->stream);
	const struct kind *kind;
	enum source_state state;
	uint16_t major, minor;
	struct classic *c;

	if ((kind = find_kind(savefile_u32(false, rd->p))) == NULL) {
		s->big = true;
		if ((kind = find_kind(be32(rd->p))) == NULL)
			return (SOURCE_FAIL(s->source, "not a capture file"));
	}
	if ((state = savefile_want(s, HEAD_LEN)) != SOURCE_MORE)
		return (state);
	if ((c = s->self = calloc(1, sizeof(*c))) == NULL)
		return (SOURCE_FAIL(s->source, "no memory"));
	c->scale = kind->scale;
	c->record = kind->record;
	major = savefile_u16(s->big, rd->p + 4);
	minor = savefile_u16(s->big, rd->p + 6);
	if (!version_lengths(major, minor, &c->how))
		return (SOURCE_FAIL(s->source,
		    "version %u.%u of the format is not known", major, minor));
	s->source->dlt =
	    savefile_dlt(savefile_u32(s->big, rd->p + 20) & LINKTYPE_MASK);
	(void)rd_skip(rd, HEAD_LEN);
	return (SOURCE_MORE);
}

/* The record's head becomes the frame's numbers; the data is not there yet. */
static inline void
record_head(const struct classic *c, bool big, const uint8_t *p,
    struct frame *f)
{
	f->time = (int64_t)savefile_u32(big, p) * 1000000000 +
	    (int64_t)savefile_u32(big, p + 4) * c->scale;
	f->caplen = savefile_u32(big, p + 8);
	f->len = savefile_u32(big, p + 12);
	if (c->how == LENGTHS_SWAPPED ||
	    (c->how == LENGTHS_MAYBE && f->caplen > f->len)) {
		f->len = f->caplen;
		f->caplen = savefile_u32(big, p + 12);
	}
	f->data = p + c->record;
}

/* Frames that are in the buffer; the cursor stays at the first that is not. */
static inline int
give_frames(struct savefile *s, bool big, int max,
    const struct savefile_call *call)
{
	struct rd *rd = stream_rd(s->stream), in = *rd;
	const struct classic *c = s->self;
	struct frame f = {.outgoing = false};
	int n;

	for (n = 0; n < max; n++) {
		if (in.left < c->record)
			break;
		record_head(c, big, in.p, &f);
		if (in.left - c->record < f.caplen)
			break;
		if (f.caplen > SAVEFILE_FRAME_MAX)
			break;
		if (f.len < f.caplen)
			f.len = f.caplen;
		(void)rd_skip(&in, c->record + f.caplen);
		savefile_give(s, call, &f);
	}
	*rd = in;
	return (n);
}

/* The next record, in full. */
static enum source_state
want_record(struct savefile *s)
{
	struct rd *rd = stream_rd(s->stream);
	const struct classic *c = s->self;
	enum source_state state;
	struct frame f;

	if ((state = savefile_want(s, c->record)) != SOURCE_MORE)
		return (state);
	record_head(c, s->big, rd->p, &f);
	if (f.caplen > SAVEFILE_FRAME_MAX)
		return (savefile_bad(s, "a frame of %u bytes", f.caplen));
	return (savefile_want(s, c->record + f.caplen));
}

static enum source_state
read_classic(struct savefile *s, const struct savefile_call *call)
{
	enum source_state state;
	int seen = 0;

	for (;;) {
		seen += s->big ? give_frames(s, true, call->max - seen, call)
			       : give_frames(s, false, call->max - seen, call);
		if (seen >= call->max)
			return (SOURCE_MORE);
		if ((state = want_record(s)) != SOURCE_MORE)
			return (state);
	}
}

static void
close_classic(struct savefile *s)
{
	free(s->self);
}

const struct savefile_format savefile_classic = {open_classic, read_classic,
    close_classic};
