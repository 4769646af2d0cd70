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
 * What the files of decode/ share: record programs, what is remembered of
 * exporters, and the state of one datagram.
 */

#ifndef DECODE_STATE_H
#define DECODE_STATE_H

#include <sys/queue.h>

#include "field.h"
#include "netflow.h"
#include "decode/decode.h"

/* --- program.c: how a record becomes a flow --- */

/*
 * A step of a record program.  A segment is a run of bytes of known length:
 * its bounds are checked once, and the steps behind it read inside.
 */
enum op_code {
	OP_SEGMENT,  /* src bytes of the record are the segment now */
	OP_VARIABLE, /* a length on the wire, and that many bytes are */
	/*
	 * The member's bits, the bytes on the wire: all that is common.  Behind
	 * each, two of it side by side: ports, interfaces, counters.
	 */
	OP_8_1,
	OP_8_1_PAIR,
	OP_16_1,
	OP_16_1_PAIR,
	OP_16_2,
	OP_16_2_PAIR,
	OP_32_2,
	OP_32_2_PAIR,
	OP_32_4,
	OP_32_4_PAIR,
	OP_64_4,
	OP_64_4_PAIR,
	OP_64_8,
	OP_64_8_PAIR,
	OP_V4,
	OP_V4_PAIR,
	OP_V6,
	OP_V6_PAIR,
	/* The rest. */
	OP_UINT,    /* any width into any member */
	OP_V4_ELSE, /* if the member is no address yet, or a zero one */
	OP_V6_ELSE,
	OP_MAC,
	OP_SECONDS,
	OP_MILLISECONDS,
	OP_NTP_US,
	OP_NTP_NS,
	OP_BEFORE_US,
	OP_DURATION_MS,
	OP_DURATION_US,
	OP_SYSINIT,
	OP_LABEL,
	OP_APPID,
};

struct op {
	uint16_t src;  /* where in the segment; of OP_SEGMENT: its length */
	uint16_t dst;  /* where in struct flow */
	uint8_t code;  /* enum op_code */
	uint8_t len;   /* bytes on the wire, 0: the whole segment */
	uint8_t field; /* enum flow_field */
	uint8_t arg;   /* OP_UINT: size of the member */
};

struct program {
	struct flow_set has; /* what every record has */
	uint32_t minlen;     /* no record is shorter */
	bool fixed;	     /* every record is minlen bytes */
	bool times;	     /* has something for finish_times */
	bool labels;
	uint32_t nops;
	struct op *op;
};

/* A template's field list as it is on the wire. */
struct specs {
	struct rd rd;	  /* all of it, nothing else */
	uint16_t version; /* NF_V9 or NF_IPFIX */
	uint16_t nscope;  /* the first fields: their ids are no elements */
};

/* What a record says of time that no member of struct flow holds. */
struct aux {
	int64_t recv_time;  /* given: tells the era of NTP times */
	uint64_t before[2]; /* us, of the start and the end */
	uint64_t duration;  /* ns */
	int64_t sysinit;    /* ns since 1970 */
	uint8_t has;	    /* AUX_* */
};
#define AUX_BEFORE_START 0x01
#define AUX_BEFORE_END 0x02
#define AUX_DURATION 0x04
#define AUX_SYSINIT 0x08

/*
 * program_measure sets all but the steps, and returns how many steps there
 * will be at most, or -1 for a field list that cannot be.  program_compile
 * then makes them, in room for that many.
 */
int program_measure(const struct specs *, struct program *);
void program_compile(const struct specs *, struct program *, struct op *);

/*
 * Take one record off the cursor and put what it has into the flow, whose
 * other members stay.  -1 if the record goes on behind the end.
 */
int program_run(const struct program *, struct rd *, struct flow *,
    struct aux *);

/* Start and end in absolute time, from what the record and aux have. */
void times_finish(struct flow *, const struct aux *);

/* --- template.c: what is remembered --- */

struct hnode {
	struct hnode *next;
	uint64_t hash;
};

struct htable {
	struct hnode **slot;
	uint32_t nslots; /* a power of two */
	uint32_t count;
};

struct template
{
	struct hnode node; /* first: by domain and id */
	LIST_ENTRY(template) entry;
	struct domain *dom;
	struct program program;
	size_t bytes;	 /* accounted for */
	uint32_t rawlen; /* the field list it was made of */
	const uint8_t *raw;
	uint16_t id;
	uint16_t nscope;
	bool options;
};

/* One numbering of templates and datagrams of one exporter. */
struct domain {
	struct hnode node; /* first: by exporter, version and source id */
	TAILQ_ENTRY(domain) sibling; /* of the exporter, oldest first */
	TAILQ_ENTRY(domain) lru;     /* unless the exporter is configured */
	struct exporter *exporter;
	LIST_HEAD(, template) templates;
	uint32_t ntemplates;
	uint32_t source_id;
	uint16_t version;

	bool seq_known;
	uint8_t seq_late; /* late datagrams in a row */
	uint32_t seq_next;
	uint32_t uptime; /* ms, of the newest datagram */

	bool has_sysinit;
	int64_t sysinit; /* of the last options data that had it */
};

struct exporter {
	struct hnode node; /* first: by address */
	struct addr addr;
	TAILQ_HEAD(domains, domain) domains;
	uint32_t ndomains;
	bool configured;
};

struct decoder {
	struct dec_limits limits;
	dec_flow_fn fn;
	void *arg;
	uint64_t seed;

	struct htable exporters;
	struct htable domains;
	struct htable templates;
	struct domains lru; /* of unconfigured exporters, oldest first */
	size_t bytes;
	uint64_t evicted;
	uint64_t refused;

	/* v1, v5, v7 */
	struct program fixed[3];
};

/* The domain, made if there is room for it, and NULL if not. */
struct domain *domain_get(struct decoder *, const struct dec_source *,
    uint16_t version, uint32_t source_id);
void domains_free(struct decoder *);

const struct template *template_find(const struct decoder *,
    const struct domain *, uint16_t id);
enum template_fate {
	TEMPLATE_LEARNED, /* or known already */
	TEMPLATE_BAD,	  /* cannot be; its predecessor is gone */
	TEMPLATE_NOROOM,  /* likewise */
};
/* The domain may be NULL, and then there is no room. */
enum template_fate template_learn(struct decoder *, struct domain *,
    const struct specs *, uint16_t id, bool options);
/* Returns how many there were: 0 or 1. */
unsigned int template_forget(struct decoder *, const struct domain *,
    uint16_t id);
/* All of a kind; returns how many. */
unsigned int template_forget_all(struct decoder *, struct domain *,
    bool options);

/* --- the datagram being decoded --- */

struct ctx {
	struct decoder *d;
	const struct dec_source *src;
	struct dec_report *report;
	struct domain *dom; /* or NULL: no room for it */
	struct flow base;   /* what all flows of the datagram have */
	size_t baselen;	    /* its size, which the compiler shall not know */
	uint16_t version;
	uint32_t records; /* of this message, options too */
	bool unknown;	  /* it has records that cannot be counted */
};

/* decode.c */
void ctx_export_time(struct ctx *, uint32_t sec, uint32_t nsec);
void ctx_sequence(struct ctx *, uint32_t seq);
/* From here on the datagram belongs to a domain. */
void ctx_domain(struct ctx *, uint32_t source_id);
/* Take a record off the cursor; -1 if the record is cut. */
int ctx_record(struct ctx *, const struct program *, struct rd *, struct flow *,
    struct aux *);
void ctx_flow(struct ctx *, struct flow *);

/* fixed.c: all cursors stand behind the version field */
int fixed_init(struct decoder *);
void fixed_free(struct decoder *);
enum dec_result fixed_decode(struct ctx *, struct rd *);

/* sets.c */
enum dec_result v9_decode(struct ctx *, struct rd *);
enum dec_result ipfix_decode(struct ctx *, struct rd *);
/* Cut n fields of a template off. */
int specs_cut(struct rd *, uint16_t version, uint16_t n, struct specs *);
/* A template was read, or cut: what that makes of the datagram. */
enum dec_result template_seen(struct ctx *, enum template_fate);
/* Is this the zero padding of a template set, and nothing but? */
bool template_padding(const struct rd *, uint16_t id, uint16_t n);
/* Is all of a set less than the header of a template, and no padding? */
bool template_cut(const struct rd *set, size_t hdrlen);

/* options.c */
enum dec_result options_templates(struct ctx *, struct rd *);
void options_record(struct ctx *, const struct aux *);

/* sequence.c: units are what seq counts, those of this datagram. */
void sequence_check(struct ctx *, uint32_t seq, uint32_t units);

static inline bool
all_zero(const struct rd *rd)
{
	size_t i;

	for (i = 0; i < rd->left; i++)
		if (rd->p[i] != 0)
			return (false);
	return (true);
}

#endif /* DECODE_STATE_H */
