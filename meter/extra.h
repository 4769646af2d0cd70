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
#include <stdint.h>

#include "meter/flowtab.h"
#include "meter/observe.h"

#define EXTRA_NAME_MAX 63 /* longer names lose their front */
#define EXTRA_LABELS 10

struct extra_side {
	uint8_t mac[6]; /* of the source, as that side sent it */
	uint8_t dst_mac[6];
	uint16_t customer_vlan; /* the inner of two */
	uint8_t nlabels;
	uint32_t labels[EXTRA_LABELS]; /* words as on the wire, host order */
	uint32_t tcp_next;	       /* sequence number that is expected */
	uint32_t retransmits;
	uint32_t out_of_order;
	bool tcp_seen;
};

struct extra {
	struct extra_side side[2];
	int64_t syn;  /* ns since 1970 of the first SYN, 0: none */
	uint32_t rtt; /* us, from SYN to SYN-ACK, 0: not known */
	uint8_t dns_len;
	uint8_t tls_len;
	char dns_name[EXTRA_NAME_MAX]; /* the question's, dotted */
	char tls_name[EXTRA_NAME_MAX]; /* server_name, RFC 6066 3 */
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
/* What this packet adds; wants_data is set. */
void extra_packet(struct extras *, struct extra *, const struct observed *);

#endif /* METER_EXTRA_H */
