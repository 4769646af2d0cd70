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

#include <signal.h>
#include <stdio.h>

#include "log.h"
#include "meter/gear.h"
#include "meter/single.h"
#include "meter/statistics.h"
#include "meter/user.h"
#include "sandbox/sandbox.h"
#include "signals.h"

static void
catch_for_file(void)
{
	sigset_t all;

	signals_catch(&all);
	(void)signal(SIGHUP, SIG_DFL);
	/* They end a read that waits. */
	sigprocmask(SIG_UNBLOCK, &all, NULL);
}

int
single_main(const struct settings *s)
{
	static struct gear gear;
	struct user user;
	static struct counters counters;
	struct statistics_config sc;
	struct meter_config mc;
	struct meter *meter;
	char err[GEAR_ERRLEN];
	int status;

	if (user_find(&user, s->user, s->chroot) == -1)
		return (1);
	if (gear_open(&gear, s, 0, &counters, err) == -1) {
		log_warnx("%s", err);
		return (1);
	}
	if (err[0] != '\0')
		log_warnx("%s", err);
	catch_for_file();
	mc = (struct meter_config){.settings = &gear.settings,
	    .source = gear.source,
	    .dest = gear.dest,
	    .counters = &counters,
	    .channel = -1,
	    .alive = -1};
	if ((meter = meter_new(&mc)) == NULL)
		fatal("memory for flows");
	gear_tell(&gear, meter);
	user_lock_in(&user, "meter", sandbox_meter);
	status = meter_main(meter);
	gear_describe(s, &sc);
	statistics_text(stdout, &counters, &sc);
	meter_free(meter);
	gear_close(&gear);
	return (fflush(stdout) == 0 ? status : 1);
}
