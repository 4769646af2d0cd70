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
 * What the kinds of sources have in common.  For source.c and these kinds.
 */

#ifndef METER_SOURCE_OPS_H
#define METER_SOURCE_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "meter/source.h"

#define SOURCE_TIME_MAX ((int64_t)UINT32_MAX * 1000000000) /* 2106 */

struct source_ops {
	enum source_state (*read)(struct source *, int max, source_frame_fn *,
	    void *arg, int *n);
	int (*fd)(const struct source *);
	void (*losses)(struct source *, struct source_losses *);
	void (*stop)(struct source *, bool on);
	void (*close)(struct source *);
};

struct source {
	const struct source_ops *ops;
	void *self; /* of that kind */
	char *name;
	int dlt;
	uint32_t ifindex;
	bool live;
	bool has_mac;
	uint8_t mac[6];
	char error[SOURCE_ERRLEN];
	char warning[SOURCE_ERRLEN];
};

/*
 * They fill all but the name.  0, or -1: the reason is in error, and what
 * `self` needs for its close is set or it is NULL.
 */
int capture_open(struct source *, const struct source_config *);
int savefile_open(struct source *, const struct source_config *);
int receiver_open(struct source *, const struct source_config *);

/* Note the reason.  -1 and SOURCE_FAILED. */
int source_fail(struct source *, const char *fmt, ...)
    __attribute__((__format__(__printf__, 2, 3)));
#define SOURCE_FAIL(...) \
	((void)source_fail(__VA_ARGS__), (enum source_state)SOURCE_FAILED)

#endif /* METER_SOURCE_OPS_H */
