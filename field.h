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
 * The field table: what there is to know of each field of struct flow, and
 * which information elements (RFC 7012, RFC 3954, RFC 5103 and some vendors')
 * fill it.  Decoders, store keywords, filter words, columns, JSON keys and the
 * manual's table come from here: a new field is a new row.
 */

#ifndef FIELD_H
#define FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"

enum field_type {
	FT_U8,
	FT_U16,
	FT_U32,
	FT_U64,
	FT_TIME, /* int64_t, ns since 1970 */
	FT_ADDR,
	FT_MAC,
	FT_APPID,  /* a length, then bytes */
	FT_LABELS, /* uint32_t[FLOW_MPLS_MAX], 0 ends */
	FT_TEXT,   /* struct flow_text: any bytes */
	FT_MAX
};

struct field {
	const char *name;
	enum flow_field bit;  /* its place in the table, too */
	enum field_type type; /* of the member */
	uint16_t off;	      /* of the member in struct flow */
	uint32_t store;	      /* version 3 group (store.h), 0 for none */
	const char *what;     /* a phrase for the manual */
};

/* FLOW_NFIELDS rows, in the order of enum flow_field. */
extern const struct field fields[];

const struct field *field_by_name(const char *);

/* The size of a member in bytes. */
size_t field_size(enum field_type);

/* The member of a flow.  Typed by the row: see enum field_type. */
static inline void *
field_ptr(struct flow *f, const struct field *fd)
{
	return ((uint8_t *)f + fd->off);
}

static inline const void *
field_cptr(const struct flow *f, const struct field *fd)
{
	return ((const uint8_t *)f + fd->off);
}

/* A number of type U8..U64; 0 for the other types. */
uint64_t field_number(const struct flow *, const struct field *);

/* What a sampling rate is made of, where there is no plain number. */
enum rate_part {
	RATE_INTERVAL,	  /* 34, 50: one packet in so many */
	RATE_SIZE,	  /* 309: so many packets ... */
	RATE_POPULATION,  /* 310: ... of so many */
	RATE_TAKEN,	  /* 305: packets in a row ... */
	RATE_SPACE,	  /* 306: ... and then so many that are not */
	RATE_TIME,	  /* 307: the same in microseconds */
	RATE_TIME_SPACE,  /* 308 */
	RATE_PROBABILITY, /* 311: a floating point number */
	RATE_METHOD,	  /* 35, 49: 1 deterministic, 2 random */
	RATE_SELECTOR,	  /* 304: of PSAMP */
	RATE_PARTS
};

/* How the bytes of an element become the member. */
enum elem_conv {
	CONV_UINT,    /* 1..8 bytes, RFC 7011 6.2; clamped to the member */
	CONV_ADDR4,   /* 4 bytes */
	CONV_ADDR6,   /* 16 bytes */
	CONV_MAC,     /* 6 bytes */
	CONV_SECONDS, /* since 1970 */
	CONV_MILLISECONDS,
	CONV_NTP_US,	/* RFC 7011 6.1.9: seconds since 1900, fraction */
	CONV_NTP,	/* RFC 7011 6.1.10: the same, to the nanosecond */
	CONV_BEFORE_US, /* microseconds before the export time, RFC 7012 5.10 */
	CONV_DURATION_MS, /* end = start + this */
	CONV_DURATION_US,
	CONV_SYSINIT,  /* ms since 1970 of uptime 0 */
	CONV_MS_US,    /* milliseconds, that are counted in microseconds */
	CONV_ICMP,     /* type * 256 + code: the field and the one behind */
	CONV_LABEL,    /* 3 bytes, label in the top 20 bits, RFC 3032 */
	CONV_APPID,    /* RFC 6759 */
	CONV_TEXT,     /* NUL padded or not */
	CONV_FLAGS,    /* 1 or 2 bytes, ORed: the index tells them apart */
	CONV_DSCP,     /* a byte, the upper six bits of a type of service */
	CONV_PART,     /* the index says which; it fills what is missing */
	CONV_NOTE,     /* a number about the parts */
	CONV_SAMPLING, /* index: enum rate_part */
	CONV_MAX
};

/*
 * What of a record is no field, but holds some: the front of a packet
 * (RFC 5477, RFC 7133), and lists (RFC 6313).
 */
enum elem_part {
	PART_FRAME, /* from the link layer on */
	PART_IP,
	PART_MPLS,
	PART_LIST,	/* basicList */
	PART_TEMPLATE,	/* subTemplateList */
	PART_TEMPLATES, /* subTemplateMultiList */
	PART_MAX
};

enum elem_note {
	NOTE_LENGTH,   /* of the IP packet */
	NOTE_FRAME,    /* length of the frame */
	NOTE_TYPE,     /* of the link layer */
	NOTE_OFFSET,   /* where in the packet the part begins */
	NOTE_EXPORTED, /* bytes of the part, if the field is longer */
	NOTE_MAX
};

struct element {
	uint32_t pen;  /* private enterprise number, 0: IANA */
	uint16_t id;   /* in v9, ids above 32767 stand here, with pen 0 */
	uint8_t conv;  /* enum elem_conv */
	uint8_t field; /* enum flow_field; FLOW_NFIELDS for none */
	uint8_t rank;  /* several fill one field: the lowest rank wins */
	uint8_t index; /* of a label, of flags; enum *_part, elem_note */
};

#define PEN_CISCO 9
#define PEN_NOKIA 637
#define PEN_IXIA 3054
#define PEN_NETSCALER 5951
#define PEN_CERT 6871 /* YAF */
#define PEN_BARRACUDA 10704
#define PEN_PROCERA 15397
#define PEN_REVERSE 29305 /* RFC 5103 */
#define PEN_NTOP 35632

/* NULL if nothing here takes it: skip it by its length. */
const struct element *element_find(uint32_t pen, uint16_t id);
/* Can a field of so many bytes be it?  NF_VARLEN: each record tells. */
bool element_fits(const struct element *, uint16_t len);

#endif /* FIELD_H */
