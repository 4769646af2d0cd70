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
 * The classic flow log: version 3 records, read and written byte for byte as
 * flowd 0.9.1 has them, and the version 2 log of older ones, read only.
 * docs/store.md and flowd-store(5) have the layout.
 */

#ifndef STORE_H
#define STORE_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "flow.h"

#define STORE_VERSION 0x60 /* major 3 in the top three bits, minor 0 */
#define STORE_MAJOR(v) ((v) >> 5)
#define STORE_MINOR(v) ((v)&0x1f)
#define STORE_HDRLEN 8
#define STORE_RECMAX 512   /* no reader takes a longer record */
#define STORE_WRITEMAX 168 /* no longer one is written */

/* The groups of fields, in the order of the record. */
#define STORE_TAG 0x00000001U
#define STORE_RECV_TIME 0x00000002U
#define STORE_PROTO_FLAGS_TOS 0x00000004U
#define STORE_AGENT_ADDR4 0x00000008U
#define STORE_AGENT_ADDR6 0x00000010U
#define STORE_SRC_ADDR4 0x00000020U
#define STORE_SRC_ADDR6 0x00000040U
#define STORE_DST_ADDR4 0x00000080U
#define STORE_DST_ADDR6 0x00000100U
#define STORE_GATEWAY_ADDR4 0x00000200U
#define STORE_GATEWAY_ADDR6 0x00000400U
#define STORE_SRCDST_PORT 0x00000800U
#define STORE_PACKETS 0x00001000U
#define STORE_OCTETS 0x00002000U
#define STORE_IF_INDICES 0x00004000U
#define STORE_AGENT_INFO 0x00008000U
#define STORE_FLOW_TIMES 0x00010000U
#define STORE_AS_INFO 0x00020000U
#define STORE_FLOW_ENGINE_INFO 0x00040000U
#define STORE_CRC32 0x40000000U
#define STORE_RESERVED 0x80000000U

#define STORE_AGENT_ADDR (STORE_AGENT_ADDR4 | STORE_AGENT_ADDR6)
#define STORE_SRC_ADDR (STORE_SRC_ADDR4 | STORE_SRC_ADDR6)
#define STORE_DST_ADDR (STORE_DST_ADDR4 | STORE_DST_ADDR6)
#define STORE_SRCDST_ADDR (STORE_SRC_ADDR | STORE_DST_ADDR)
#define STORE_GATEWAY_ADDR (STORE_GATEWAY_ADDR4 | STORE_GATEWAY_ADDR6)
#define STORE_ALL 0x4007ffffU
#define STORE_BRIEF 0x000039ffU

/* A keyword of the store directive, case folded; 0 if it is none. */
uint32_t store_keyword(const char *);
/* One keyword a call: names the next part of *mask and clears it; NULL at 0. */
const char *store_keyword_next(uint32_t *mask);

enum store_err {
	STORE_OK,
	STORE_EOF,   /* nothing more, and the end is on a boundary */
	STORE_SHORT, /* the record goes on behind the end of the bytes */
	STORE_VERSION_BAD,
	STORE_TOOLONG,	  /* longer than STORE_RECMAX */
	STORE_UNKNOWN,	  /* fields that version 3.0 does not have */
	STORE_LENGTH,	  /* shorter than its fields */
	STORE_BOTH_AGENT, /* IPv4 and IPv6 of one address */
	STORE_BOTH_SRC,
	STORE_BOTH_DST,
	STORE_BOTH_GATEWAY,
	STORE_CRC,     /* checksum mismatch */
	STORE_NOSPACE, /* the buffer to write into is too small */
	STORE_MAGIC,   /* no version 2 header */
	STORE_IO,      /* errno says which */
	STORE_MAX
};

/* The original's text for it, where it had one. */
const char *store_strerror(enum store_err);

/* A record as read: the flow, and what the flow does not say. */
struct store_record {
	struct flow flow;
	uint32_t fields; /* groups present, STORE_CRC32 too */
	uint32_t crc;	 /* as stored */
	uint8_t version;
};

/*
 * Append the record of a flow, with those groups of mask that it has.
 * STORE_OK or STORE_NOSPACE, and then nothing was written.  At most
 * STORE_WRITEMAX bytes.
 */
enum store_err store_write(struct wr *, const struct flow *, uint32_t mask);

/*
 * Take the next record of version 3.  On an error the cursor stays where it
 * was and *rec is as it was.
 */
enum store_err store_read(struct rd *, struct store_record *rec);

/*
 * Take records of version 3 as columns, as long as they are good and there is
 * room, most of them at most: STORE_OK, or what store_read() would say of the
 * next one.  What has no checksum and an odd head is only good if what is
 * behind it looks like a record, too: else STORE_VERSION_BAD.
 */
struct flat;
struct store_taker;

struct store_taker *store_taker_new(void);
void store_taker_free(struct store_taker *);
/* No checksum is looked at: for who wants to know what fields there are. */
void store_taker_trust(struct store_taker *);
enum store_err store_take(struct store_taker *, struct rd *, struct flat *,
    uint32_t most);
/* The same of which only the groups are wanted, added to *groups. */
enum store_err store_groups(struct store_taker *, struct rd *,
    uint32_t *groups);
/* Do groups tell all fields that a log may have? */
bool store_tells_all(uint32_t groups);
/* The fields that records of version 3 can have. */
struct flow_set store_flow_fields(void);

/* Version 2: 16 bytes of header, then records without a length. */
#define STORE_V2_HDRLEN 16
#define STORE_V2_MAGIC 0x012cf047U

enum store_err store_v2_header(struct rd *, uint32_t *start_time);
enum store_err store_v2_read(struct rd *, struct store_record *rec);

/*
 * After damage: the number of bytes to skip to the next place where a whole
 * valid version 3 record stands, which its checksum shows or, without one,
 * the end or the head of another behind it; all of them if there is none.  It
 * is 0 only where store_read() succeeds.  If the bytes are a window and more
 * will come, a record may be cut by its end: keep the last STORE_RECMAX +
 * STORE_HDRLEN of what is to be skipped, and look again.
 */
size_t store_resync(const struct rd *);

#endif /* STORE_H */
