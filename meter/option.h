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
 * The options of softflowd(8): one table for letters, words, the optional
 * configuration file and the usage.
 */

#ifndef METER_OPTION_H
#define METER_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "meter/dest.h"
#include "meter/expire.h"
#include "meter/export.h"
#include "meter/observe.h"
#include "meter/source.h"

#define METERS_MAX 64

struct settings {
	struct source_config source;
	struct observe_config observe;
	struct export_config export;
	struct timeouts timeouts;
	struct dest_config dest[COUNTERS_DESTS];
	size_t ndests;
	struct dest_config common; /* what all of them have */
	bool ipv6;		   /* -6, or the version carries it */
	uint32_t max_flows;
	uint32_t meters;   /* -j */
	uint32_t sampling; /* -s: one packet in so many; 1: all */
	uint32_t ifindex;  /* -i idx:if */
	bool has_ifindex;
	bool first_order;    /* forward is the lower address */
	bool own_export;     /* meter it, too */
	bool packet_time;    /* -a, and -r */
	uint32_t uptime_max; /* -I, seconds; 0: never */
	bool foreground;
	bool debug;
	bool clocks; /* -g */
	const char *pidfile;
	const char *ctlsock;   /* NULL: none */
	bool ctlsock_given;    /* else one that cannot be made is no error */
	const char *ctl_owner; /* user[:group], or NULL */
	uint32_t ctl_mode;
	const char *user;
	const char *chroot; /* and user: NULL for those of configure */
};

/*
 * Fills the settings from defaults, the file of -f and the arguments, which
 * count for more.  Strings live as long as argv or for ever.  Prints what is
 * wrong, with the file and line it came from, and exits as the manual says.
 */
void options_read(struct settings *, int argc, char **argv);

#endif /* METER_OPTION_H */
