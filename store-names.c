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

#include <strings.h>

#include "store.h"

/* The widest of those to be printed first, for store_keyword_next(). */
/* clang-format off */
static const struct {
	const char *name;
	uint32_t mask;
} keywords[] = {
	{ "ALL", STORE_ALL },
	{ "TAG", STORE_TAG },
	{ "RECV_TIME", STORE_RECV_TIME },
	{ "PROTO_FLAGS_TOS", STORE_PROTO_FLAGS_TOS },
	{ "AGENT_ADDR", STORE_AGENT_ADDR },
	{ "AGENT_ADDR4", STORE_AGENT_ADDR4 },
	{ "AGENT_ADDR6", STORE_AGENT_ADDR6 },
	{ "SRCDST_ADDR", STORE_SRCDST_ADDR },
	{ "SRC_ADDR", STORE_SRC_ADDR },
	{ "SRC_ADDR4", STORE_SRC_ADDR4 },
	{ "SRC_ADDR6", STORE_SRC_ADDR6 },
	{ "DST_ADDR", STORE_DST_ADDR },
	{ "DST_ADDR4", STORE_DST_ADDR4 },
	{ "DST_ADDR6", STORE_DST_ADDR6 },
	{ "GATEWAY_ADDR", STORE_GATEWAY_ADDR },
	{ "GATEWAY_ADDR4", STORE_GATEWAY_ADDR4 },
	{ "GATEWAY_ADDR6", STORE_GATEWAY_ADDR6 },
	{ "SRCDST_PORT", STORE_SRCDST_PORT },
	{ "PACKETS", STORE_PACKETS },
	{ "OCTETS", STORE_OCTETS },
	{ "IF_INDICES", STORE_IF_INDICES },
	{ "AGENT_INFO", STORE_AGENT_INFO },
	{ "FLOW_TIMES", STORE_FLOW_TIMES },
	{ "AS_INFO", STORE_AS_INFO },
	{ "FLOW_ENGINE_INFO", STORE_FLOW_ENGINE_INFO },
	{ "CRC32", STORE_CRC32 },
	/* Not of the original, so they are read only. */
	{ "SRCDST_ADDR4", STORE_SRC_ADDR4 | STORE_DST_ADDR4 },
	{ "SRCDST_ADDR6", STORE_SRC_ADDR6 | STORE_DST_ADDR6 },
	{ "PACKETS_OCTETS", STORE_PACKETS | STORE_OCTETS },
};
/* clang-format on */

#define NKEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

uint32_t
store_keyword(const char *name)
{
	size_t i;

	for (i = 0; i < NKEYWORDS; i++)
		if (strcasecmp(keywords[i].name, name) == 0)
			return (keywords[i].mask);
	return (0);
}

const char *
store_keyword_next(uint32_t *mask)
{
	size_t i;

	for (i = 0; i < NKEYWORDS; i++) {
		if ((*mask & keywords[i].mask) != keywords[i].mask)
			continue;
		*mask &= ~keywords[i].mask;
		return (keywords[i].name);
	}
	*mask = 0; /* bits without a name */
	return (NULL);
}

/* clang-format off */
static const char *const errors[STORE_MAX] = {
	[STORE_OK] = "No error",
	[STORE_EOF] = "End of file",
	[STORE_SHORT] = "Record is cut off",
	[STORE_VERSION_BAD] = "Unsupported version",
	[STORE_TOOLONG] =
	"internal flow buffer too small (flow is probably corrupt)",
	[STORE_UNKNOWN] = "Flow has unknown fields",
	[STORE_LENGTH] = "Record is shorter than its fields",
	[STORE_BOTH_AGENT] = "Flow has both v4/v6 agent addrs",
	[STORE_BOTH_SRC] = "Flow has both v4/v6 src addrs",
	[STORE_BOTH_DST] = "Flow has both v4/v6 dst addrs",
	[STORE_BOTH_GATEWAY] = "Flow has both v4/v6 gateway addrs",
	[STORE_CRC] = "Flow checksum mismatch",
	[STORE_NOSPACE] = "No room for the record",
	[STORE_MAGIC] = "Bad magic",
	[STORE_IO] = "Input/output error",
};
/* clang-format on */

const char *
store_strerror(enum store_err err)
{
	if ((unsigned int)err >= STORE_MAX)
		return ("Unknown error");
	return (errors[err]);
}
