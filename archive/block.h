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
 * A block of an archive segment (version 4): its header, read and checked.
 * docs/store.md has every byte.  Nothing is copied: a column is decoded when
 * somebody asks for it (batch.h).
 */

#ifndef BLOCK_H
#define BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "compat/crc.h"
#include "flow.h"

#define BLOCK_VERSION 0x80 /* major 4 in the top three bits, minor 0 */
#define BLOCK_MAGIC \
	"\x80"      \
	"flowd\r\n"
#define BLOCK_MAGICLEN 8
#define BLOCK_FLOWS 65536	      /* at most; a row's number fits 16 bits */
#define BLOCK_SHAPES 256	      /* at most */
#define BLOCK_HDRLEN 48		      /* before shapes and columns */
#define BLOCK_COLUMNLEN 72	      /* a column's entry in the header */
#define BLOCK_MAX (256 * 1024 * 1024) /* bytes; no reader takes more */

/* Columns have the number of their field, enum flow_field, or one of these. */
enum {
	COL_SHAPE = 0x8000, /* which of the block's shapes a flow has */
	COL_CLOCK,	    /* flow.clock */
	COL_SAMPLING,	    /* flow.sampling */
	COL_NONE = 0xffff,
};
#define BATCH_COLUMNS (FLOW_NFIELDS + 3) /* columns that we know */

enum column_type { CT_NUMBER, CT_TIME, CT_ADDR, CT_BYTES, CT_MAX };

/* How the values of a column are made of what is stored. */
enum column_scheme {
	CS_CONST,    /* one value for all */
	CS_PLAIN,    /* base + unit * u */
	CS_DELTA,    /* the one before + unit * zigzag(u) */
	CS_DICT,     /* dictionary[u] */
	CS_RUNS,     /* dictionary[k], for u rows; then k + 1 */
	CS_DEPEND,   /* dictionary[code of the same row in the parent] */
	CS_RELATIVE, /* the parent's + base + unit * u */
	CS_UPTIME,   /* ms of uptime: sys_uptime + (parent - export_time) */
	CS_ADDR4,    /* addresses as they are, 4 bytes each */
	CS_ADDR6,    /* 16 bytes each */
	CS_MAX
};

/* How unsigned integers are laid out. */
enum column_packing {
	CP_BITS,   /* so many bits each, the first in the lowest bits */
	CP_PLANES, /* all the lowest bytes, then the next, ... */
	CP_MAX
};

enum column_squeeze { SQ_NONE, SQ_ZSTD, SQ_MAX };

/* A part of a column: dictionary or data. */
struct block_part {
	const uint8_t *p; /* stored bytes */
	uint32_t stored;
	uint32_t expanded; /* bytes when expanded */
	uint8_t squeeze;   /* enum column_squeeze */
};

struct block_column {
	uint16_t id;
	uint16_t parent; /* COL_NONE if there is none */
	uint8_t type;
	uint8_t scheme;
	uint8_t packing;   /* of the data */
	uint8_t bits;	   /* of a value of the data: 0..64 */
	uint8_t exponent;  /* unit = 10 ^ exponent: 0..9 */
	uint32_t ndict;	   /* values of the dictionary; runs */
	uint32_t crc;	   /* of the stored bytes of both parts */
	uint64_t min, max; /* of times: int64_t; of addresses: a sketch */
	uint64_t sum;	   /* of numbers, modulo 2^64 */
	uint64_t base;
	struct block_part dict;
	struct block_part data;
};

struct block {
	const uint8_t *p; /* borrowed: the whole block */
	size_t len;
	uint32_t flows;
	bool sealed;
	bool timed;    /* first and last are known */
	int64_t first; /* least and greatest recv_time, ns */
	int64_t last;
	uint16_t ncolumns; /* that we know, in columns[] */
	uint16_t nskipped; /* that we do not */
	uint16_t nshapes;
	struct flow_set shapes[BLOCK_SHAPES];
	struct flow_set any; /* fields that some flow has */
	struct flow_set all; /* fields that all flows have */
	struct block_column columns[BATCH_COLUMNS];
	uint8_t where[BATCH_COLUMNS]; /* by slot: 1 + index; 0: none */
};

enum block_err {
	BLOCK_OK,
	BLOCK_EOF,	  /* nothing more, and the end is on a boundary */
	BLOCK_SHORT,	  /* the block goes on behind the end of the bytes */
	BLOCK_NOTONE,	  /* no block begins here */
	BLOCK_MAJOR,	  /* of a version to come */
	BLOCK_CRC,	  /* the header's checksum does not hold */
	BLOCK_HEADER,	  /* a header that cannot be */
	BLOCK_COLUMN_CRC, /* a column's checksum does not hold */
	BLOCK_COLUMN,	  /* a column that cannot be */
	BLOCK_SQUEEZE,	  /* its compression is damaged or not known here */
	BLOCK_NOMEM,
	BLOCK_ERRS
};

const char *block_strerror(enum block_err);

/*
 * The checksum of a header, and of a column: CRC-32 as zlib has it.  The first
 * call has crc 0; the checksum of two pieces is that of both.
 */
static inline uint32_t
block_crc(uint32_t crc, const uint8_t *p, size_t len)
{
	return (~crc_update(~crc, p, len));
}

/*
 * Take the next block: the header is checked, the columns are not looked at.
 * On an error the cursor stays where it was.  Fields whose column is of a
 * version to come are taken out of the shapes.  Of a block that is whole and
 * all of which is of a version to come (BLOCK_MAJOR) p, len and flows are set;
 * len is 0 if there is none.
 *
 * A block whose columns turn out damaged may be torn, with others behind its
 * real end: block_resync() in its own bytes finds them.  So does it behind
 * BLOCK_SHORT.
 */
enum block_err block_read(struct rd *, struct block *);

/* A number for each column that we know, below BATCH_COLUMNS; -1 for others. */
int block_slot(unsigned int id);

/* The entry of a column; NULL if the block has none. */
const struct block_column *block_column(const struct block *, unsigned int id);

/*
 * After damage: how many bytes to skip to the next place where a header
 * stands whose checksum holds; all of them if there is none.  A header at the
 * end may be cut: keep the last BLOCK_HEADER_MAX of a window that grows.
 */
#define BLOCK_HEADER_MAX \
	(BLOCK_HDRLEN + BLOCK_SHAPES * 64 + 1024 * BLOCK_COLUMNLEN)
size_t block_resync(const struct rd *);

/* The checksums of all columns, known or not: BLOCK_OK or BLOCK_COLUMN_CRC. */
enum block_err block_sums(const struct block *);

/*
 * The checksums of all columns, that they decode, and that the entry of each
 * says the truth of its least and greatest value and sum.  BLOCK_OK or the
 * first error, with the column's id.  batch_check() does it with memory that
 * is kept.
 */
enum block_err block_check(const struct block *, unsigned int *id);

#endif /* BLOCK_H */
