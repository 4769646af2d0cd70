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
 * flowd-reader: what it was asked for, and the parts that do it.  A program,
 * not a library: an output that fails ends it.
 */

#ifndef READER_H
#define READER_H

#include <sys/types.h>

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "bytes.h"
#include "filter.h"
#include "flow.h"
#include "format.h"
#include "scan/scan.h"
#include "store.h"

enum reader_status {
	READER_OK = 0,
	READER_FAILED = 1,  /* something was not read or not written at all */
	READER_DAMAGED = 2, /* damage was skipped, all the rest was done */
	READER_INTERRUPTED = 130, /* by SIGINT, as shells have it */
};

enum reader_format {
	READER_DEFAULT,	  /* not chosen */
	READER_NONE,	  /* -q */
	READER_CLASSIC,	  /* the original's FLOW lines */
	READER_FLOWTOOLS, /* -c */
	READER_TABLE,	  /* aligned */
	READER_TEXT,	  /* names and values of chosen columns */
	READER_CSV,
	READER_JSON,   /* one array */
	READER_NDJSON, /* an object a line */
};

struct sink;
struct files;

struct reader {
	struct scan scan;
	enum reader_format format;
	struct format_columns columns;
	struct filter *rules;	/* -f, or NULL */
	struct filter *clauses; /* --filter, or NULL */
	uint32_t store_mask;	/* what -f lets through, STORE_x */
	uint32_t text_mask;	/* what classic text shows */
	const uint8_t *ports;	/* of --pcap: a byte for each; NULL: any */
	bool plain;		/* flows are printed as they come */
	bool pcap;
	bool utc;
	bool verbose;
	bool debug;
	struct sink *text;   /* standard output, or NULL */
	struct sink *binary; /* -o, or NULL */
	enum reader_status status;
};

/* Set by SIGINT and SIGTERM. */
extern volatile sig_atomic_t reader_stop;

/* The worst so far: failed, then damaged. */
void reader_note(struct reader *, enum reader_status);

/*
 * reader-out.c: a flow through the filters to the outputs.  A write that
 * fails ends the program: quietly if nobody reads standard output any more.
 */
struct sink *sink_stdout(void);
/* "-" is standard output.  Ends the program if it cannot be, or is an input. */
struct sink *sink_file(const char *path, const struct files *);
/* Ends the program if that is one of the inputs. */
void sink_refuse(int fd, const char *path, const struct files *);
void sink_flush(struct reader *, struct sink *);
/* Takes a line without its newline. */
void out_line(struct reader *, const char *);
/* The head line of the formats that have one. */
void out_header(struct reader *);
void out_flow(void *reader, struct store_record *);
/* A record's line of the classic formats, without its newline: its length. */
size_t out_record(const struct reader *, char *, const struct store_record *);
/* Text to standard output: NULL, or scan_unread.  arg is the reader. */
const char *out_put(void *arg, const char *, size_t);
/* What was written so far becomes visible to who watches. */
void out_visible(struct reader *);
/* The last bytes; exits if they cannot be written. */
void out_close(struct reader *);

/* reader-tell.c: what was read by, and what it tells. */
void reader_init(struct reader *);
/* reader_stop is set, or there is no memory. */
bool reader_stopped(const struct reader *);
/* Ends the program for want of memory, if that is why reading ended. */
void reader_memory(const struct reader *);

/* reader-plain.c: logs, one after the other or followed. */
void log_read_all(struct reader *, struct files *);

/* reader-pcap.c: captures, likewise, and as part of a scan. */
extern const struct scan_source captures;
void pcap_read_all(struct reader *, struct files *);

/*
 * reader-datagram.c: from a captured frame to the UDP datagram in it.  Pure.
 */
enum datagram_result {
	DATAGRAM_UDP,
	DATAGRAM_FRAGMENT, /* of a UDP datagram: payload and frag_* are set */
	DATAGRAM_OTHER,	   /* something else than UDP over IP */
	DATAGRAM_SHORT,	   /* ends before its headers or lengths say */
	DATAGRAM_BAD,	   /* a header that cannot be */
	DATAGRAM_MAX
};

struct datagram {
	struct addr src;
	struct addr dst;
	uint16_t src_port;
	uint16_t dst_port;
	struct rd payload; /* points into the frame */
	uint32_t frag_id;
	uint32_t frag_offset; /* bytes */
	bool frag_more;
};

/* True if datagram_parse knows that link type, DLT_x of libpcap. */
bool datagram_link_known(int link);
enum datagram_result datagram_parse(int link, struct rd frame,
    struct datagram *);
/* The UDP header: cuts it off the payload. */
enum datagram_result datagram_udp(struct datagram *);

/* reader-frag.c: datagrams put together again from their fragments. */
struct frags;

struct frags *frags_new(void);
void frags_free(struct frags *);
/*
 * True if that fragment was the last one missing: the payload of the packet
 * is the whole datagram then, and good until the next call.
 */
bool frags_add(struct frags *, struct datagram *, int64_t now);
/* Fragments that were given up, or wait still. */
uint64_t frags_lost(const struct frags *);

/*
 * reader-time.c: "2026-11-21T10:00:00Z", "@1795255200", "-1h", "2 days ago",
 * "yesterday" and the like.  0, or -1 if it is no time.  Local unless utc.
 */
int reader_time(const char *, int64_t now, bool utc, int64_t *ns);

#endif /* READER_H */
