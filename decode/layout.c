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

#include "decode/layout.h"

#define PAD LAYOUT_PAD
#define END          \
	{            \
		0, 0 \
	}

/* clang-format off */

/* What v1, v5 and v7 begin with: 36 bytes. */
#define KEYS \
	{  8, 4 },	/* source address */ \
	{ 12, 4 },	/* destination address */ \
	{ 15, 4 },	/* next hop */ \
	{ 10, 2 },	/* input interface */ \
	{ 14, 2 },	/* output interface */ \
	{  2, 4 },	/* packets */ \
	{  1, 4 },	/* octets */ \
	{ 22, 4 },	/* uptime at the first packet */ \
	{ 21, 4 },	/* uptime at the last packet */ \
	{  7, 2 },	/* source port */ \
	{ 11, 2 }	/* destination port */

static const struct layout_field v1[] = {
	KEYS,
	{ PAD, 2 },
	{   4, 1 },	/* protocol */
	{   5, 1 },	/* type of service */
	{   6, 1 },	/* TCP flags */
	{ PAD, 7 },
	END
};

/* What v5 and v7 have behind it; v7 says first which fields are valid. */
#define ROUTE \
	{ PAD, 1 }, \
	{   6, 1 },	/* TCP flags */ \
	{   4, 1 },	/* protocol */ \
	{   5, 1 },	/* type of service */ \
	{  16, 2 },	/* source AS */ \
	{  17, 2 },	/* destination AS */ \
	{   9, 1 },	/* source prefix length */ \
	{  13, 1 },	/* destination prefix length */ \
	{ PAD, 2 }

static const struct layout_field v5[] = { KEYS, ROUTE, END };

/* The last is the router whose shortcut it is. */
static const struct layout_field v7[] = { KEYS, ROUTE, { PAD, 4 }, END };

/* v8: sums over the flows that are alike in what follows. */
#define SUMS \
	{  3, 4 },	/* flows */ \
	{  2, 4 },	/* packets */ \
	{  1, 4 },	/* octets */ \
	{ 22, 4 },	/* uptime at the first packet */ \
	{ 21, 4 }	/* uptime at the last packet */

static const struct layout_field by_as[] = {
	SUMS, { 16, 2 }, { 17, 2 }, { 10, 2 }, { 14, 2 }, END
};

static const struct layout_field by_port[] = {
	SUMS, { 4, 1 }, { PAD, 3 }, { 7, 2 }, { 11, 2 }, END
};

static const struct layout_field by_source[] = {
	SUMS, { 44, 4 }, { 9, 1 }, { PAD, 1 }, { 16, 2 }, { 10, 2 },
	{ PAD, 2 }, END
};

static const struct layout_field by_destination[] = {
	SUMS, { 45, 4 }, { 13, 1 }, { PAD, 1 }, { 17, 2 }, { 14, 2 },
	{ PAD, 2 }, END
};

/* The mask of the destination is first here: flow-tools has it so, too. */
static const struct layout_field by_prefixes[] = {
	SUMS, { 44, 4 }, { 45, 4 }, { 13, 1 }, { 9, 1 }, { PAD, 2 },
	{ 16, 2 }, { 17, 2 }, { 10, 2 }, { 14, 2 }, END
};

/*
 * Those of the Catalyst switches are single flows in the order of its cache.
 * They end with the packets beyond what a policer allows, with their type of
 * service before, and with the router whose shortcut it is.
 */
#define CATALYST \
	{  2, 4 },	/* packets */ \
	{  1, 4 },	/* octets */ \
	{ 22, 4 },	/* uptime at the first packet */ \
	{ 21, 4 },	/* uptime at the last packet */ \
	{ 14, 2 }	/* output interface */

static const struct layout_field by_destination_address[] = {
	{ 12, 4 }, CATALYST, { 5, 1 }, { PAD, 9 }, END
};

static const struct layout_field by_addresses[] = {
	{ 12, 4 }, { 8, 4 }, CATALYST, { 10, 2 }, { 5, 1 }, { PAD, 11 }, END
};

static const struct layout_field by_flow[] = {
	{ 12, 4 }, { 8, 4 }, { 11, 2 }, { 7, 2 }, CATALYST, { 10, 2 },
	{ 5, 1 }, { 4, 1 }, { PAD, 10 }, END
};

/* The same with the type of service: it took the place of some padding. */
static const struct layout_field by_as_tos[] = {
	SUMS, { 16, 2 }, { 17, 2 }, { 10, 2 }, { 14, 2 }, { 5, 1 },
	{ PAD, 3 }, END
};

static const struct layout_field by_port_tos[] = {
	SUMS, { 4, 1 }, { 5, 1 }, { PAD, 2 }, { 7, 2 }, { 11, 2 }, { 10, 2 },
	{ 14, 2 }, END
};

static const struct layout_field by_source_tos[] = {
	SUMS, { 44, 4 }, { 9, 1 }, { 5, 1 }, { 16, 2 }, { 10, 2 },
	{ PAD, 2 }, END
};

static const struct layout_field by_destination_tos[] = {
	SUMS, { 45, 4 }, { 13, 1 }, { 5, 1 }, { 17, 2 }, { 14, 2 },
	{ PAD, 2 }, END
};

static const struct layout_field by_prefixes_tos[] = {
	SUMS, { 44, 4 }, { 45, 4 }, { 13, 1 }, { 9, 1 }, { 5, 1 }, { PAD, 1 },
	{ 16, 2 }, { 17, 2 }, { 10, 2 }, { 14, 2 }, END
};

static const struct layout_field by_prefixes_port[] = {
	SUMS, { 44, 4 }, { 45, 4 }, { 13, 1 }, { 9, 1 }, { 5, 1 }, { 4, 1 },
	{ 7, 2 }, { 11, 2 }, { 10, 2 }, { 14, 2 }, END
};

const struct layout layouts[LAYOUTS] = {
	{ NF_V5,  0, NF_V5_RECLEN, v5 },
	{ NF_V1,  0, NF_V1_RECLEN, v1 },
	{ NF_V7,  0, NF_V7_RECLEN, v7 },
	{ NF_V8,  1, 28, by_as },
	{ NF_V8,  2, 28, by_port },
	{ NF_V8,  3, 32, by_source },
	{ NF_V8,  4, 32, by_destination },
	{ NF_V8,  5, 40, by_prefixes },
	{ NF_V8,  6, 32, by_destination_address },
	{ NF_V8,  7, 40, by_addresses },
	{ NF_V8,  8, 44, by_flow },
	{ NF_V8,  9, 32, by_as_tos },
	{ NF_V8, 10, 32, by_port_tos },
	{ NF_V8, 11, 32, by_source_tos },
	{ NF_V8, 12, 32, by_destination_tos },
	{ NF_V8, 13, 40, by_prefixes_tos },
	{ NF_V8, 14, 40, by_prefixes_port },
};
/* clang-format on */

int
layout_find(uint16_t version, uint8_t aggregation)
{
	int i;

	for (i = 0; i < LAYOUTS; i++)
		if (layouts[i].version == version &&
		    layouts[i].aggregation == aggregation)
			return (i);
	return (-1);
}
