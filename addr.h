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
 * Addresses and prefixes of IPv4 and IPv6, without ports and scopes.
 */

#ifndef ADDR_H
#define ADDR_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum addr_family { ADDR_NONE = 0, ADDR_V4 = 4, ADDR_V6 = 6 };

#define ADDR_STRLEN 46 /* longest text of an address, with its NUL */
#define PREFIX_STRLEN (ADDR_STRLEN + 4)

struct addr {
	uint8_t family; /* enum addr_family */
	uint8_t b[16];	/* network order; the rest of an IPv4 one is zero */
};

struct prefix {
	struct addr addr;
	uint8_t len; /* bits: at most 32 or 128 */
};

/* 0, 32 or 128: how long an address of that family is. */
unsigned int addr_bits(const struct addr *);
bool addr_equal(const struct addr *, const struct addr *);
/* Orders by family, then by bytes: <0, 0 or >0. */
int addr_cmp(const struct addr *, const struct addr *);
/* A hash that a sender cannot steer without knowing the seed. */
uint64_t addr_hash(const struct addr *, uint64_t seed);

/* Numeric text only, never a look-up.  0, or -1 if it is no address. */
int addr_parse(const char *, struct addr *);
/* Returns buf; "none" for ADDR_NONE.  buf has ADDR_STRLEN bytes. */
const char *addr_format(const struct addr *, char *buf);

/*
 * IPv4-mapped IPv6 addresses become IPv4.  The port is in host order and may
 * be NULL.  -1 if the family is neither.
 */
int addr_from_sockaddr(const struct sockaddr *, struct addr *, uint16_t *port);
/* Returns the length of the sockaddr; 0 for ADDR_NONE.  Port in host order. */
socklen_t addr_to_sockaddr(const struct addr *, uint16_t port, uint32_t scope,
    struct sockaddr_storage *);

bool addr_is_multicast(const struct addr *);
/* 0.0.0.0, :: or none */
bool addr_is_zero(const struct addr *);

/* "addr" or "addr/len".  0; -1 if malformed. */
int prefix_parse(const char *, struct prefix *);
/* Returns buf, "addr/len".  buf has PREFIX_STRLEN bytes. */
const char *prefix_format(const struct prefix *, char *buf);
/* True if no bit is set behind the prefix length. */
bool prefix_is_clean(const struct prefix *);
bool prefix_match(const struct prefix *, const struct addr *);

#endif /* ADDR_H */
