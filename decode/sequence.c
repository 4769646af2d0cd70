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
 * Sequence numbers: what never arrived, what came late, twice or anew.
 *
 * Each domain has its own numbers, and counts in the unit of its protocol:
 * flows (v5, v7, v8), datagrams (v9, sFlow), data records (IPFIX).  They wrap
 * at 2^32.  The gaps of late are remembered: a datagram from before that fills
 * one came late, and takes back what was counted as lost; one that fills none
 * has come before.
 *
 * Some exporters count in a unit that is not their protocol's.  Those are
 * found by their numbers being right in another one, and are taken at that.
 */

#include "decode/state.h"

/*
 * Numbers from before that are further back than this, and not made earlier,
 * are a new beginning.
 */
#define LATE_DATAGRAMS 64
#define LATE_RECORDS (LATE_DATAGRAMS * 64)
/* More in a row that fill no gap than networks make: it has begun anew. */
#define OLD_MAX 8
#define OLD_MAX_EARLIER 64 /* if by their clock they were made earlier */
/* A gap of more than this is no gap. */
#define LOST_MAX (UINT32_C(1) << 28)
/* Milliseconds by which clock and uptime may disagree, and both step back. */
#define CLOCK_SLACK 10000
/* Milliseconds after the newest one in which no datagram from before is made */
#define AFTER_SLACK 1000
/* Numbers in a row that another unit explains, until it is believed. */
#define FITS_MAX 8

/* Wide numbers begin here, so that none is below zero. */
#define WIDE (UINT64_C(1) << 32)

/* clang-format off */
static const struct {
	const char *name;
	uint32_t late;
	bool counts; /* what is in datagrams, and needs templates */
} units[SEQ_UNITS] = {
	[SEQ_DATAGRAMS] = { "datagrams", LATE_DATAGRAMS, false },
	[SEQ_RECORDS] = { "records", LATE_RECORDS, true },
	[SEQ_FLOWS] = { "flows", LATE_RECORDS, true },
	[SEQ_NOTHING] = { "nothing", LATE_DATAGRAMS, false },
};
/* clang-format on */

const char *
seq_unit_name(enum seq_unit unit)
{
	return ((unsigned int)unit < SEQ_UNITS ? units[unit].name : "unknown");
}

static enum seq_unit
unit_of(uint16_t version)
{
	switch (version) {
	case NF_V9:
	case NF_SFLOW5:
		return (SEQ_DATAGRAMS);
	case NF_IPFIX:
		return (SEQ_RECORDS);
	default:
		return (SEQ_FLOWS);
	}
}

static uint32_t
amount(enum seq_unit unit, uint32_t records, uint32_t flows)
{
	switch (unit) {
	case SEQ_DATAGRAMS:
		return (1);
	case SEQ_RECORDS:
		return (records);
	case SEQ_FLOWS:
		return (flows);
	default:
		return (0);
	}
}

/* Milliseconds from the making of the newest datagram to that of this. */
static int64_t
since_newest(const struct sequence *s, const struct flow *base)
{
	if (flow_has(base, FLOW_SYS_UPTIME))
		return ((int32_t)(base->sys_uptime - s->uptime));
	if (flow_has(base, FLOW_EXPORT_TIME))
		return ((base->export_time - s->export_time) / NSEC_PER_MSEC);
	return (0);
}

/*
 * The uptime steps back at a restart.  With a datagram that is merely old it
 * does, too, but then so does the clock.  A wrap after 2^32 ms is a small step
 * forward.
 */
static bool
restarted(const struct sequence *s, const struct flow *base)
{
	int64_t up, clock;

	if (!flow_has(base, FLOW_SYS_UPTIME) ||
	    (up = since_newest(s, base)) >= -CLOCK_SLACK)
		return (false);
	if (!flow_has(base, FLOW_EXPORT_TIME))
		return (true);
	clock = (base->export_time - s->export_time) / NSEC_PER_MSEC;
	return (clock < up - CLOCK_SLACK || clock > up + CLOCK_SLACK);
}

/* The gap that has one of these numbers; SEQ_GAPS: none. */
static size_t
gap_find(const struct sequence *s, uint64_t first, uint64_t end)
{
	size_t i;

	for (i = 0; i < SEQ_GAPS; i++)
		if (s->missing[i] > 0 && first < s->gap[i] + s->missing[i] &&
		    end > s->gap[i])
			break;
	return (i);
}

/* The oldest makes room: behind it, late and twice are not told apart. */
static void
gap_add(struct sequence *s, uint64_t first, uint64_t end)
{
	size_t i, at = 0;

	for (i = 0; i < SEQ_GAPS && s->missing[at] > 0; i++)
		if (s->missing[i] == 0 || s->gap[i] < s->gap[at])
			at = i;
	if (s->missing[at] > 0 && s->gap[at] + s->missing[at] > s->floor)
		s->floor = s->gap[at] + s->missing[at];
	s->gap[at] = first;
	s->missing[at] = (uint32_t)(end - first);
}

/* Take these numbers out of the gaps; returns how many were missing. */
static uint32_t
gap_fill(struct sequence *s, uint64_t first, uint64_t end)
{
	uint64_t from, to;
	uint32_t n = 0;
	size_t i, round;

	/* What is left of one can be two: the rounds are bounded anyway. */
	for (round = 0; round < 2 * SEQ_GAPS; round++) {
		if ((i = gap_find(s, first, end)) == SEQ_GAPS)
			break;
		from = s->gap[i];
		to = from + s->missing[i];
		s->missing[i] = 0;
		n += (uint32_t)((end < to ? end : to) -
		    (first > from ? first : from));
		if (from < first)
			gap_add(s, from, first);
		if (end < to)
			gap_add(s, end, to);
	}
	return (n);
}

static void
gaps_clear(struct sequence *s)
{
	memset(s->missing, 0, sizeof(s->missing));
	s->floor = s->next;
}

/*
 * Numbers begin anew.  If that is in a gap, it was the jump ahead that was
 * wrong: the rest of the gap is still to come.
 */
static void
begin_anew(struct ctx *x, struct sequence *s, uint64_t number, bool restart)
{
	size_t i = gap_find(s, number, number + 1);

	if (i < SEQ_GAPS && !restart) {
		x->report->seq_recovered += s->gap[i] + s->missing[i] - number;
		s->doubted = 0;
	}
	x->report->seq_reset++;
	s->next = WIDE + (uint32_t)number;
	gaps_clear(s);
}

/* Records of unknown templates came with the newest datagram. */
static bool
is_open(const struct sequence *s)
{
	return (s->uncounted && units[s->unit].counts);
}

/* Numbers from before: do they begin anew? */
static bool
goes_back(struct sequence *s, const struct flow *base, uint64_t number,
    uint32_t n)
{
	int64_t since = since_newest(s, base);
	bool near = s->next - number <= units[s->unit].late;
	bool fills = gap_find(s, number, number + n) < SEQ_GAPS;

	if (near && fills)
		return (false);
	if (since > AFTER_SLACK || (!near && since >= 0))
		return (true);
	/* A datagram that is both old and new cannot be. */
	if (number + n > s->next && !is_open(s))
		return (true);
	return (!fills && ++s->old > (since < 0 ? OLD_MAX_EARLIER : OLD_MAX));
}

static void
came_late(struct ctx *x, struct sequence *s, uint64_t number, uint32_t n)
{
	uint32_t filled = gap_fill(s, number, number + n);

	/* One without records has no place of its own. */
	if (filled == 0 && number >= s->floor && n > 0) {
		x->report->seq_duplicates++;
		return;
	}
	x->report->seq_reordered++;
	x->report->seq_recovered += filled;
	x->report->seq_received += filled;
	if (filled > 0)
		s->doubted = s->old = 0;
}

/* Not the number expected.  True if the datagram is the newest from here on. */
static bool
out_of_order(struct ctx *x, struct sequence *s, uint64_t number, uint32_t n)
{
	bool restart = restarted(s, &x->base);
	bool back = number < s->next;

	if (!restart && back && !goes_back(s, &x->base, number, n)) {
		came_late(x, s, number, n);
		return (false);
	}
	s->old = 0;
	if (restart || back || number - s->next > LOST_MAX) {
		begin_anew(x, s, number, restart);
		return (true);
	}
	if (is_open(s))
		s->floor = number; /* what is between them came, uncounted */
	else {
		x->report->seq_lost += number - s->next;
		s->doubted += (uint32_t)(number - s->next);
		gap_add(s, s->next, number);
	}
	s->next = number;
	return (true);
}

/*
 * Which of the other units have this number right?  The last datagram's, and
 * what was in it, say what each expects.
 */
static void
judge_units(struct sequence *s, uint32_t seq, bool surprise)
{
	unsigned int i;
	bool right;

	s->doubt = false;
	for (i = 0; i < SEQ_UNITS; i++) {
		right = i != s->unit && (!s->uncounted || !units[i].counts) &&
		    s->number + amount(i, s->records, s->flows) == seq;
		if (!right)
			s->fits[i] = 0;
		else if (surprise)
			s->fits[i]++;
		s->doubt = s->doubt || s->fits[i] > 0;
	}
	if (!s->doubt)
		s->doubted = 0;
}

/* Take the unit that was right often enough, and back what was said since. */
static void
change_unit(struct ctx *x, struct sequence *s)
{
	unsigned int i;

	for (i = 0; i < SEQ_UNITS; i++)
		if (s->fits[i] >= FITS_MAX)
			break;
	if (i == SEQ_UNITS)
		return;
	x->report->seq_recovered += s->doubted;
	x->report->seq_other_unit++;
	x->report->seq_unit = i;
	s->unit = (uint8_t)i;
	s->next = WIDE + s->number + amount(i, s->records, s->flows);
	gaps_clear(s);
	memset(s->fits, 0, sizeof(s->fits));
	s->doubt = false;
	s->doubted = 0;
}

static void
remember(const struct ctx *x, struct sequence *s, uint32_t seq)
{
	s->number = seq;
	s->records = x->records;
	s->flows = x->records - x->options;
	s->uncounted = x->unknown;
}

static void
begin(const struct ctx *x, struct sequence *s, uint32_t seq)
{
	s->known = true;
	s->unit = (uint8_t)unit_of(x->dom->version);
	s->next = s->floor = WIDE + seq;
}

void
sequence_check(struct ctx *x, uint32_t seq, uint32_t n)
{
	struct sequence *s;
	uint64_t number;
	bool newest = true, surprise;

	if (x->dom == NULL)
		return;
	s = &x->dom->sequence;
	if (!s->known)
		begin(x, s, seq);
	else if (s->unit != unit_of(x->dom->version))
		n = amount(s->unit, x->records, x->records - x->options);
	surprise = seq != (uint32_t)s->next;
	if (surprise) {
		number = s->next +
		    (uint64_t)(int64_t)(int32_t)(seq - (uint32_t)s->next);
		newest = out_of_order(x, s, number, n);
	}
	if (surprise || s->doubt)
		judge_units(s, seq, surprise);
	if (newest) {
		x->report->seq_received += n;
		s->next += n;
		s->uptime = x->base.sys_uptime;
		s->export_time = x->base.export_time;
	}
	if (newest || s->doubt)
		remember(x, s, seq);
	if (surprise && s->doubt)
		change_unit(x, s);
}

int
sequence_save(const struct sequence *s, struct wr *wr)
{
	if (wr_u32(wr, (uint32_t)s->next) == -1 || wr_u8(wr, s->unit) == -1 ||
	    wr_u8(wr, s->uncounted) == -1 || wr_u32(wr, s->uptime) == -1)
		return (-1);
	return (wr_u64(wr, (uint64_t)s->export_time));
}

int
sequence_load(struct sequence *to, struct rd *rd)
{
	struct sequence s = {.known = true};
	uint32_t next;
	uint64_t export_time;
	uint8_t uncounted;

	if (rd_u32(rd, &next) == -1 || rd_u8(rd, &s.unit) == -1 ||
	    rd_u8(rd, &uncounted) == -1 || rd_u32(rd, &s.uptime) == -1 ||
	    rd_u64(rd, &export_time) == -1 || s.unit >= SEQ_UNITS ||
	    uncounted > 1 || (int64_t)export_time < 0 ||
	    (int64_t)export_time > (UINT32_MAX + INT64_C(5)) * NSEC_PER_SEC)
		return (-1);
	s.next = s.floor = WIDE + next;
	s.export_time = (int64_t)export_time;
	s.uncounted = uncounted == 1;
	*to = s;
	return (0);
}
