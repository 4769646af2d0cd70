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
 * Flows become messages: NetFlow 1, 5, 7, 9 and IPFIX, the mirror of decode/.
 * A stream is what one collector gets of one exporter; its sequence numbers
 * and templates are its own, so each collector has one.
 *
 * Of a flow the members are read that the template has elements for, and
 * nothing else: not their bits, which are for readers.  One that the flow has
 * not must be zero.  So a caller can keep one struct flow that was cleared
 * once, and fill in what its templates have.
 */

#ifndef ENCODE_ENCODE_H
#define ENCODE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"

enum enc_error {
	ENC_OK,
	ENC_FAMILY,   /* no place for its addresses: IPv6 in versions 1, 5 */
	ENC_TOOLONG,  /* it fits no message: texts */
	ENC_TEMPLATE, /* no template has this handle */
	ENC_MAX
};

/* One field of a template. */
struct enc_field {
	uint32_t pen; /* private enterprise number, 0: IANA */
	uint16_t id;
	uint16_t len; /* ENC_VARIABLE: RFC 7011 7 */
};

#define ENC_VARIABLE 65535
#define ENC_TEMPLATES 16 /* of one stream, options included */
#define ENC_FIELDS 64	 /* of one template */
#define ENC_PAYLOAD_MAX 65507

struct enc_config {
	uint16_t version;    /* 1, 5, 7, 9, 10 */
	uint16_t payload;    /* bytes of a message at most */
	uint32_t source_id;  /* or observation domain */
	uint8_t engine_type; /* of version 5 */
	uint8_t engine_id;
	uint16_t sampling; /* header of version 5: mode and interval */
	int64_t boot;	   /* ns since 1970, when uptime was 0: whole ms */
	/*
	 * Templates and options data come again so often; 0: never, which is
	 * for streams that lose nothing.
	 */
	uint32_t every_messages;
	int64_t every_ns;
	/*
	 * Messages of one template that wait until there are so many, and leave
	 * in a row: all are of one length, unless records are not.  0: 1.  They
	 * have 64 KiB at most.
	 */
	uint16_t gather;
};

/*
 * One message, whole: `flows` data records are in it.  Good until the call
 * returns, or asks for templates: of the functions below the callback may call
 * encoder_refresh and encoder_restart.
 */
struct enc_message {
	const uint8_t *data;
	size_t len;
	uint32_t flows;
	bool templates; /* it has some */
};

struct encoder;

typedef void enc_send_fn(void *arg, const struct enc_message *);

/* NULL with errno: out of memory, or EINVAL for a configuration. */
struct encoder *encoder_new(const struct enc_config *, enc_send_fn *,
    void *arg);
void encoder_free(struct encoder *); /* sends nothing */

/*
 * The next template (id >= 256; versions 9 and 10), before the first flow.
 * Fields that decoding knows (field.h) are filled from the flow, others are
 * zero; but ipVersion (60), which no field is made of, is told by the family
 * of the source address.  Returns its handle, from 0, or -1 with errno ENOMEM,
 * or EINVAL, also for elements that are no part of a flow: sections of
 * packets, lists, times before the export.
 *
 * Uptimes (21, 22) are made of start and end, or the members of the uptimes
 * if they are zero.  A number that its field cannot hold is the most that it
 * can, but flags lose the upper ones, and an AS number is AS_TRANS.  A text is
 * cut to its field; ENC_VARIABLE takes all of it.  v9 has ntop's elements by
 * ids above 57471, IPFIX by enterprise.
 */
int encoder_template(struct encoder *, uint16_t id, const struct enc_field *,
    size_t n);
/*
 * An options template and the record that goes with it whenever templates are
 * sent: the first `nscope` fields are its scope (in version 9: RFC 3954 6.1
 * scope types).  `record` holds the fields in order as they go on the wire,
 * len bytes of it, and is copied.  Its handle, or -1 as above.
 */
int encoder_options(struct encoder *, uint16_t id, const struct enc_field *,
    size_t n, size_t nscope, const uint8_t *record, size_t len);
/* What it says has changed: as long as before; it goes next time. */
void encoder_record(struct encoder *, int options, const uint8_t *record);

/*
 * Add a flow; the messages it does not fit in are sent first.  Those of one
 * template leave in the order in which they came.  `now`, ns since 1970, is the
 * time of whatever is sent: in version 9, whose header has no more than
 * seconds, the end of the second.  `tmpl` is ignored by versions 1, 5 and 7. On
 * an error nothing was added.
 */
enum enc_error encoder_flow(struct encoder *, int tmpl, const struct flow *,
    int64_t now);

/* Is something waiting to be sent, and how long (ns since 1970, its first)? */
bool encoder_pending(const struct encoder *, int64_t *since);
/* Send what waits.  Templates that are due go out too, alone if need be. */
void encoder_flush(struct encoder *, int64_t now);
/*
 * Templates go next, before flows that wait: a new connection, an operator.
 */
void encoder_refresh(struct encoder *);
/*
 * A new connection, on which `next`, a message of this stream that waits, will
 * be the first of flows: templates are sent at once, by themselves, with such
 * sequence numbers that none is missing in between.  NULL: encoder_refresh.
 */
void encoder_restart(struct encoder *, const uint8_t *next, size_t len);
/*
 * IPFIX: templates are withdrawn (RFC 7011 8.1), after what waits, and go
 * again before the next flow.  For streams over TCP and SCTP: RFC 7011 8.4
 * forbids it over UDP.  Other versions send what waits.
 */
void encoder_withdraw(struct encoder *, int64_t now);
/* The uptime began anew.  What waits is sent, with the old one. */
void encoder_boot(struct encoder *, int64_t boot);

#endif /* ENCODE_ENCODE_H */
