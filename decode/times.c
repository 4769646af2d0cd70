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
 * Start and end of a flow in absolute time, from what there is.  Out of
 * nothing comes nothing: a flow without a usable base has no start, rather
 * than one in 1970.
 */

#include "decode/program.h"

#define HOUR (3600 * NSEC_PER_SEC)
#define TEN_YEARS (10 * 365 * 24 * HOUR)

static void
put(struct flow *f, enum flow_field bit, int64_t t, enum flow_clock clock)
{
	if (t < TIME_MIN)
		return;
	if (bit == FLOW_START)
		f->start = t;
	else
		f->end = t;
	flow_set(f, bit);
	if (f->clock != CLOCK_UPTIME || clock == CLOCK_DURATION)
		f->clock = clock;
}

/*
 * RFC 7012 5.10.9.  The uptime wraps, so it is the last time it can have been;
 * but nothing runs for ten years, and then it is the exporter's idea of the
 * time at which it began that is wrong.
 */
static int64_t
since_init(const struct flow *f, const struct aux *aux, uint32_t stamp)
{
	int64_t t = aux->sysinit + stamp * NSEC_PER_MSEC;
	int64_t late = f->export_time + HOUR - t;

	if (late > UPTIME_RANGE && late < TEN_YEARS)
		t += late / UPTIME_RANGE * UPTIME_RANGE;
	return (t);
}

static void
from_uptime(struct flow *f, const struct aux *aux, enum flow_field bit,
    uint32_t stamp)
{
	if (flow_has(f, FLOW_SYS_UPTIME)) {
		if (f->export_time >= TIME_MIN)
			put(f, bit,
			    flow_uptime_to_time(f->export_time, f->sys_uptime,
				stamp),
			    CLOCK_UPTIME);
	} else if (aux->has & AUX_SYSINIT && aux->sysinit < INT64_MAX / 2)
		put(f, bit, since_init(f, aux, stamp), CLOCK_UPTIME);
}

static void
from_delta(struct flow *f, enum flow_field bit, uint64_t us)
{
	if (f->export_time >= TIME_MIN && us <= (uint64_t)f->export_time / 1000)
		put(f, bit, f->export_time - (int64_t)us * 1000, CLOCK_DELTA);
}

static void
from_duration(struct flow *f, uint64_t duration)
{
	int64_t d = (int64_t)duration;

	if (flow_has(f, FLOW_START) == flow_has(f, FLOW_END))
		return;
	if (flow_has(f, FLOW_START)) {
		if (f->start <= INT64_MAX - d)
			put(f, FLOW_END, f->start + d, CLOCK_DURATION);
	} else if (d <= f->end)
		put(f, FLOW_START, f->end - d, CLOCK_DURATION);
}

#define BIT(x) (UINT64_C(1) << FLOW_##x)
#define UPTIMES (BIT(SYS_UPTIME) | BIT(START_UPTIME) | BIT(END_UPTIME))
#define TIMES (BIT(START) | BIT(END))

_Static_assert(FLOW_END_UPTIME < 64, "times are in the first word");

/*
 * What routers send, and nothing else: no need to go through what may be.
 * Soon after 1980 one stamp can be of a time and the other of none.
 */
static inline bool
both_uptimes(struct flow *f)
{
	if ((f->has.w[0] & (UPTIMES | TIMES)) != UPTIMES ||
	    f->export_time < TIME_MIN + UPTIME_RANGE)
		return (false);
	f->start =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->start_uptime);
	f->end =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->end_uptime);
	f->has.w[0] |= TIMES;
	f->clock = CLOCK_UPTIME;
	return (true);
}

void
times_finish(struct flow *f, const struct aux *aux)
{
	if (both_uptimes(f))
		return;
	f->clock = CLOCK_NONE;
	if (flow_has(f, FLOW_START) || flow_has(f, FLOW_END))
		f->clock = CLOCK_ABSOLUTE;
	if (flow_has(f, FLOW_START_UPTIME) && !flow_has(f, FLOW_START))
		from_uptime(f, aux, FLOW_START, f->start_uptime);
	if (flow_has(f, FLOW_END_UPTIME) && !flow_has(f, FLOW_END))
		from_uptime(f, aux, FLOW_END, f->end_uptime);
	if (aux->has & AUX_BEFORE_START && !flow_has(f, FLOW_START))
		from_delta(f, FLOW_START, aux->before[0]);
	if (aux->has & AUX_BEFORE_END && !flow_has(f, FLOW_END))
		from_delta(f, FLOW_END, aux->before[1]);
	if (aux->has & AUX_DURATION)
		from_duration(f, aux->duration);
}
