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
 * Where messages leave this machine: a name that was looked up once, and
 * sockets to its addresses, with the options that were asked for.
 */

#ifndef METER_OUTLET_H
#define METER_OUTLET_H

#include <sys/types.h>
#include <sys/socket.h>
#include <net/if.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "meter/dest.h"

#define OUTLET_ADDRS 8			 /* of a name, the first of them */
#define OUTLET_NAMELEN (ADDR_STRLEN + 8) /* "[address]:port" */

struct outlet {
	enum dest_transport transport;
	int ttl;
	char interface[IF_NAMESIZE]; /* "": any */
	unsigned int ifindex;
	struct addr source;
	size_t n;
	size_t at; /* the one in use */
	struct outlet_addr {
		struct sockaddr_storage ss;
		socklen_t len;
		struct addr addr;
		uint16_t port;
		char name[OUTLET_NAMELEN];
	} addr[OUTLET_ADDRS];
};

/*
 * Look up what has a name: host, port, interface.  0; -1: see err.
 */
int outlet_resolve(struct outlet *, const struct dest_config *, char *err,
    size_t errlen);
/*
 * A socket for the address in use, not yet connected, that never waits.  -1
 * with errno; *what is what could not be done.
 */
int outlet_socket(const struct outlet *, const char **what);
/* 0; 1: it is on its way; -1 with errno. */
int outlet_connect(const struct outlet *, int fd);
/* The address that a socket was given; family ADDR_NONE: none, or any. */
struct addr outlet_local(int fd);
/* Use the next address; false: it is the first one again. */
bool outlet_next(struct outlet *);

#endif /* METER_OUTLET_H */
