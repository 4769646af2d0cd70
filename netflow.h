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
 * Numbers of the wire: NetFlow 1, 5, 7, 8, 9 (RFC 3954), IPFIX (RFC 7011) and
 * sFlow 5.
 */

#ifndef NETFLOW_H
#define NETFLOW_H

#define NF_V1 1
#define NF_V5 5
#define NF_V7 7
#define NF_V8 8
#define NF_V9 9
#define NF_IPFIX 10
/*
 * What flows call sFlow 5, whose version field says 5 in four bytes: a number
 * that NetFlow will not take.
 */
#define NF_SFLOW5 105
#define SFLOW_V5 5

/* Headers, the version field included. */
#define NF_V1_HDRLEN 16
#define NF_V5_HDRLEN 24
#define NF_V7_HDRLEN 24
#define NF_V8_HDRLEN 28
#define NF_V9_HDRLEN 20
#define NF_IPFIX_HDRLEN 16

#define NF_V1_RECLEN 48
#define NF_V1_RECLEN_LONG 52 /* with four more bytes of padding: Extreme */
#define NF_V5_RECLEN 48
#define NF_V7_RECLEN 52
/* Records of a datagram at most. */
#define NF_V1_RECORDS 24
#define NF_V5_RECORDS 30
#define NF_V7_RECORDS 27

/* v8 sums up: what by, is in the header, with the version of that form. */
#define NF_V8_SCHEMES 14
#define NF_V8_AGG_VERSION 2

#define NF_V5_RATE_MASK 0x3fff /* of the sampling field; the mode above */
#define NF_V5_MODE_SHIFT 14

/* Sets, which RFC 3954 calls FlowSets.  Their length counts the header. */
#define NF_SET_HDRLEN 4
#define NF_V9_SET_TEMPLATE 0
#define NF_V9_SET_OPTIONS 1
#define NF_IPFIX_SET_TEMPLATE 2
#define NF_IPFIX_SET_OPTIONS 3
#define NF_SET_DATA_MIN 256 /* the first id of a template */

#define NF_TEMPLATE_HDRLEN 4	  /* id, field count */
#define NF_V9_OPTIONS_HDRLEN 6	  /* id, bytes of scopes, bytes of options */
#define NF_IPFIX_OPTIONS_HDRLEN 6 /* id, field count, scope count */
#define NF_SPEC_LEN 4		  /* id, length */

#define NF_PADDING 210	     /* element: bytes of no meaning */
#define NF_ENTERPRISE 0x8000 /* of an id: an enterprise number follows */
#define NF_VARLEN 65535	     /* of a length: each record tells it */
#define NF_VARLEN_LONG 255   /* the two bytes behind have it */

/* The longest record that fits into a datagram, and then some. */
#define NF_RECLEN_MAX 65535

#endif /* NETFLOW_H */
