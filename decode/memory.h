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
 * What is remembered of exporters, within limits: their domains, and the
 * templates of those.
 */

#ifndef DECODE_MEMORY_H
#define DECODE_MEMORY_H

#include <sys/queue.h>

#include "decode/decode.h"
#include "decode/form.h"
#include "decode/htable.h"
#include "decode/layout.h"
#include "decode/program.h"

/* What malloc needs beside what was asked for, more or less. */
#define MEMORY_OVERHEAD 16

TAILQ_HEAD(templates, template);
TAILQ_HEAD(facts, fact);

struct template
{
	struct hnode node; /* first: by domain and id */
	TAILQ_ENTRY(template) entry;
	struct domain *dom;
	struct program program;
	size_t bytes;	  /* accounted for */
	int64_t heard;	  /* ns; when it was learned or confirmed */
	int64_t used;	  /* and when data of it came */
	uint64_t records; /* decoded with it, and not folded yet */
	uint32_t rawlen;  /* the field list it was made of */
	const uint8_t *raw;
	uint16_t id;
	uint16_t nscope;
	bool options;
	bool held; /* by a set that is not decoded yet */
};

/* A set of data that waits for the end of its message. */
struct held {
	struct template *t; /* NULL: unknown as yet */
	uint16_t id;
	struct rd set;
};
#define HELD_MAX 32

/*
 * What an exporter says of itself in options data.  The key is what flows
 * refer to it by.
 */
enum fact_kind {
	FACT_SAMPLER,	       /* rate of a sampler or selector, u64 id */
	FACT_SAMPLER_IF,       /* rate of an interface, u32 */
	FACT_SAMPLER_TEMPLATE, /* rate of flows of a template, u16 */
	FACT_SAMPLER_ALL,      /* rate of all the rest, no key */
	FACT_IF_NAME,	       /* u32 */
	FACT_VRF_NAME,	       /* u32 */
	FACT_APP_NAME,	       /* the bytes of the application id */
	FACT_SFLOW_DROPS,      /* by source of samples: packets, u64 */
	FACT_MAX
};

#define FACT_KEY_MAX 16
#define FACT_TEXT_MAX FLOW_TEXT_MAX

struct fact {
	struct hnode node; /* first: by domain, kind and key */
	TAILQ_ENTRY(fact) entry;
	struct domain *dom;
	size_t bytes;  /* accounted for */
	uint32_t rate; /* of a sampler */
	uint8_t algorithm;
	uint8_t kind;
	uint8_t keylen;
	uint8_t textlen; /* of a name */
	uint8_t key[FACT_KEY_MAX];
	char text[]; /* no NUL */
};

#define SEQ_GAPS 6

/*
 * Where the sequence numbers of a domain are.  They are made 64 bits wide, so
 * that what is remembered of them does not come round again.
 */
struct sequence {
	uint64_t next;	/* after the newest datagram */
	uint64_t floor; /* from here to next all has come but the gaps */
	uint64_t gap[SEQ_GAPS];	    /* what is missing begins here, */
	uint32_t missing[SEQ_GAPS]; /* and is so long; no gap: 0 */
	int64_t export_time;	    /* ns, of the newest datagram */
	uint32_t uptime;	    /* ms, likewise */
	uint32_t number; /* of the last datagram, and what was in it */
	uint32_t records;
	uint32_t flows;
	uint32_t doubted;	 /* lost, if the unit is right */
	uint8_t fits[SEQ_UNITS]; /* numbers in a row that others had right */
	uint8_t unit;		 /* enum seq_unit */
	uint8_t old;		 /* datagrams from before, in a row */
	bool doubt;		 /* some of fits is not 0 */
	bool known;
	bool uncounted; /* the last one had records of unknown templates */
};

/*
 * What goes on after a restart of ours: SEQUENCE_SAVED bytes.  Gaps are not
 * remembered.  0, or -1: no room; or bytes that cannot be, and nothing is set.
 */
#define SEQUENCE_SAVED 18
int sequence_save(const struct sequence *, struct wr *);
int sequence_load(struct sequence *, struct rd *);

/* One numbering of templates and datagrams of one exporter. */
struct domain {
	struct hnode node; /* first: by exporter, version and source id */
	TAILQ_ENTRY(domain) sibling; /* of the exporter, oldest first */
	TAILQ_ENTRY(domain) lru;     /* unless the exporter is configured */
	struct exporter *exporter;
	struct templates templates; /* the longest unconfirmed first */
	uint32_t ntemplates;
	struct facts facts;	   /* samplers with an id first */
	uint32_t nfacts[FACT_MAX]; /* of each kind: most have none */
	uint32_t source_id;
	uint16_t version;

	struct sequence sequence;

	bool has_sysinit;
	int64_t sysinit;   /* of the last options data that had it */
	struct addr named; /* the exporter as its options data name it */
};

struct exporter {
	struct hnode node; /* first: by address and port */
	struct addr addr;
	uint16_t port; /* 0: any */
	TAILQ_HEAD(domains, domain) domains;
	uint32_t ndomains;
	uint32_t ntemplates;
	size_t bytes; /* of its templates and facts */
	bool configured;
};

struct ignored {
	struct dec_ignored slot[2 * DEC_IGNORED_MAX]; /* records 0: free */
	uint32_t count;
	uint64_t more; /* elements of records without room */
};

struct decoder {
	struct ctx *ctx; /* of the datagram under way, and the one before */
	struct dec_limits limits;
	dec_flow_fn fn;
	dec_records_fn records; /* or NULL */
	void *arg;
	uint64_t seed;

	struct htable exporters;
	struct htable domains;
	struct htable templates;
	struct htable facts;
	struct forms forms;
	struct domains lru; /* of unconfigured exporters, oldest first */
	size_t bytes;
	size_t reserved; /* of the limit, by the caller */
	bool loading;	 /* nothing makes room for what is read back */
	uint64_t changes;
	uint64_t evicted;
	uint64_t refused;
	struct ignored ignored;
	uint64_t facts_refused;
	uint64_t expired;
	uint64_t hits[DEC_CAPS];
	bool names; /* flows get them */

	/* Of the datagram under way. */
	int64_t now;
	uint32_t nexpired;
	const struct domain *current; /* that of it: not to be evicted */
	struct held held[HELD_MAX];
	size_t nheld;
	struct templates retired; /* held, and replaced or withdrawn */

	struct program fixed[LAYOUTS];
};

/* The domain, made if there is room for it, and NULL if not. */
struct domain *domain_get(struct decoder *, const struct dec_source *,
    uint16_t version, uint32_t source_id);
/* NULL if it is not known; it is not made. */
struct domain *domain_known(struct decoder *, const struct dec_source *,
    uint16_t version, uint32_t source_id);
void domains_free(struct decoder *);
void limits_default(struct dec_limits *);
/* Would that many bytes more be too many? */
static inline bool
memory_full(const struct decoder *d, size_t more)
{
	return (d->bytes + d->reserved + more > d->limits.bytes);
}
/*
 * Room for that many bytes of a domain; `full` is asked beside memory what is
 * too much.  -1 if there is none.
 */
int domain_make_room(struct decoder *, const struct domain *, size_t bytes,
    enum dec_cap (*full)(const struct decoder *, const struct domain *));
/*
 * Make room at the expense of the unconfigured domain that was heard of least
 * lately, though not of `keep`, nor of that of the datagram under way.  -1 if
 * there is none.
 */
int domain_evict(struct decoder *, const struct domain *keep);

void template_free(struct decoder *, struct template *);
/* No set is held any more: free what was kept for them. */
void templates_release(struct decoder *);
/* One that has expired is forgotten by that. */
struct template *template_find(struct decoder *, const struct domain *,
    uint16_t id);
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

/* Count the records of a template in the elements that they have in vain. */
void ignored_fold(struct decoder *, struct template *);

/* The number as the key of a fact of its kind; false if there is no such. */
bool fact_key(struct fact *, uint64_t n);
/* Can one be so: its kind, key, and a number or a name without NULs? */
bool fact_sound(const struct fact *, const char *text);
/*
 * The domain may be NULL.  A fact without room is not kept; returns false
 * then.
 */
bool fact_set(struct decoder *, struct domain *, const struct fact *head,
    const char *text);
/* The fact with the kind and key of this one. */
void fact_forget(struct decoder *, struct domain *, const struct fact *);
const struct fact *fact_find(const struct decoder *, const struct domain *,
    enum fact_kind, const void *key, size_t keylen);
/* The same by a number. */
const struct fact *fact_number(const struct decoder *, const struct domain *,
    enum fact_kind, uint64_t n);
void fact_free(struct decoder *, struct fact *);

#endif /* DECODE_MEMORY_H */
