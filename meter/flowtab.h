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
 * The flows that are open: a table that finds the flow of a packet, both
 * directions in one entry.
 *
 * Entries are 128 bytes and never move; small index slots, each a piece of the
 * hash and the number of an entry, find them (open addressing).  The index
 * grows a little with each new flow, never at once.  The hash is keyed, so
 * nobody outside can choose packets that collide.
 */

#ifndef METER_FLOWTAB_H
#define METER_FLOWTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What makes two packets one flow; each level adds to the one before. */
enum track {
	TRACK_IP,
	TRACK_PROTO,
	TRACK_PORT,
	TRACK_FULL, /* the same key; the ToS is reported too */
	TRACK_VLAN,
	TRACK_ETHER,
	TRACK_MAX
};

/*
 * Hashed and compared as 40 bytes.  Index 0 is the side with the lower
 * address, or the lower port where addresses are the same.
 */
struct flow_key {
	uint8_t addr[2][16]; /* IPv4: the first four bytes, the rest 0 */
	uint16_t port[2];    /* ICMP: 0 and type * 256 + code, not ordered */
	uint8_t protocol;
	uint8_t version; /* 4, 6; never 0 */
	uint16_t vlan;	 /* the outer one, from TRACK_VLAN on */
};

/* Of one flow, where an option wants it: see meter/extra.h. */
struct extra;

#define ENTRY_NONE 0 /* the number of no entry */

enum entry_bits {
	ENTRY_TURNED = 0x01, /* the initiator is side 1 */
	ENTRY_RST = 0x02,
	ENTRY_FIN0 = 0x04, /* side 0 sent a FIN */
	ENTRY_FIN1 = 0x08,
	ENTRY_FRAGMENT = 0x10, /* ports are not known */
	ENTRY_INTERIM = 0x20,  /* a part was exported: counters began anew */
	ENTRY_LIVE = 0x40,     /* in the table */
	ENTRY_SILENT = 0x80,   /* nothing since an interim export */
};

/* Side 0 and 1 as in the key: what that side sent. */
struct entry {
	struct flow_key key;
	int64_t first; /* ns since 1970, of what is not exported yet */
	int64_t last;
	uint64_t octets[2];
	uint64_t packets[2];
	uint32_t next; /* in the slot of the wheel, or of the free list */
	uint32_t prev;
	uint32_t flow_label[2]; /* of the first packet of that side */
	uint16_t tcp_flags[2];
	uint16_t vlan[2];
	uint8_t tos[2];
	uint8_t ttl[2]; /* of the first packet of that side */
	uint32_t extra; /* number of its struct extra, 0: none */
	uint16_t slot;	/* of the wheel */
	uint8_t bits;	/* enum entry_bits */
	uint8_t reason; /* enum end_reason (meter/expire.h): why it ended */
};

_Static_assert(sizeof(struct flow_key) == 40, "a key is hashed as it lies");
_Static_assert(sizeof(struct entry) == 128, "two cache lines");

struct flowtab;

/*
 * At most max flows.  The secret is copied.  `more`: keys may differ in what is
 * not in struct flow_key (TRACK_ETHER); each entry's whole hash is kept then,
 * and compared, for 8 more bytes a flow.  NULL with errno ENOMEM.
 */
struct flowtab *flowtab_new(uint32_t max, bool more, const uint8_t secret[32]);
void flowtab_free(struct flowtab *);

/* `more` is mixed in: of MAC addresses; 0 if the table was not made for it. */
uint64_t flowtab_hash(const struct flowtab *, const struct flow_key *,
    uint64_t more);
/* What the hash is keyed with, for meter/flowhash.h: as long as the table. */
const uint64_t *flowtab_secret(const struct flowtab *);
/*
 * Ask for the memory that a look-up will touch: of the index, then of the
 * entry.  The second returns the number of the entry it probably will be.
 */
void flowtab_prefetch(const struct flowtab *, uint64_t hash);
uint32_t flowtab_prefetch_entry(const struct flowtab *, uint64_t hash);
/*
 * The entry of a key, or NULL.  `guess` is a number to try first: one that
 * flowtab_prefetch_entry returned, however long ago, or ENTRY_NONE.
 */
struct entry *flowtab_find(const struct flowtab *, const struct flow_key *,
    uint64_t hash, uint32_t guess);
/*
 * A new one, which must not be there yet, zeroed but for key and ENTRY_LIVE.
 * NULL: full, or no memory; not so behind a flowtab_remove.
 */
struct entry *flowtab_add(struct flowtab *, const struct flow_key *,
    uint64_t hash);
void flowtab_remove(struct flowtab *, struct entry *);
void flowtab_clear(struct flowtab *); /* removes all */

uint32_t flowtab_count(const struct flowtab *);
uint32_t flowtab_max(const struct flowtab *);
size_t flowtab_bytes(const struct flowtab *); /* memory in use */

/* Numbers are 1 and up, and stay with an entry while it lives. */
uint32_t flowtab_number(const struct flowtab *, const struct entry *);
struct entry *flowtab_at(const struct flowtab *, uint32_t number); /* or NULL */
uint32_t flowtab_top(const struct flowtab *); /* none is above; 0: none */
/*
 * The next live entry behind `number` (0: the first), or NULL: for walks in
 * pieces, over a table that changes meanwhile.
 */
struct entry *flowtab_next(const struct flowtab *, uint32_t number);

#endif /* METER_FLOWTAB_H */
