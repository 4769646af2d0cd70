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
 * What only some options want of a flow: addresses and tags of the link
 * layer, labels, names out of DNS and TLS, what TCP tells of loss and delay.
 */

#ifndef METER_EXTRA_H
#define METER_EXTRA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "meter/flowtab.h"
#include "meter/names.h"
#include "meter/observe.h"
#include "meter/tcpstate.h"

#define EXTRA_LABELS 10

struct extra_side {
	uint8_t mac[6]; /* of the source, as that side sent it */
	uint8_t dst_mac[6];
	uint16_t customer_vlan; /* the inner of two */
	uint8_t nlabels;
	bool seen;		       /* that side sent a packet */
	uint32_t labels[EXTRA_LABELS]; /* words as on the wire, host order */
};

struct extra {
	struct extra_side side[2];
	struct tcpstate tcp;
	uint8_t dns_len;
	uint8_t tls_len;
	char dns_name[NAMES_MAX]; /* the question's, dotted */
	char tls_name[NAMES_MAX]; /* server_name, RFC 6066 3 */
};

struct extra_config {
	bool link;
	bool names;
	bool tcp;
};

struct extras;

struct extras *extras_new(const struct extra_config *, uint32_t max);
void extras_free(struct extras *);
/* For a new flow: its number, or 0: no memory, the flow does without. */
uint32_t extras_add(struct extras *);
void extras_remove(struct extras *, uint32_t number);
/* NULL for 0. */
struct extra *extras_at(const struct extras *, uint32_t number);
size_t extras_bytes(const struct extras *); /* memory in use */
/* What this packet adds; wants_data is set. */
void extra_packet(struct extras *, struct extra *, const struct observed *);

#endif /* METER_EXTRA_H */
