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
 * A stream, and what the files of encode/ lend each other.
 */

#ifndef ENCODE_ENC_STATE_H
#define ENCODE_ENC_STATE_H

#include "encode/enc-program.h"
#include "netflow.h"

/*
 * Records of one template gather in messages of their own, where their headers
 * have room already; full ones leave in a row.  All of them have one length.
 */
struct enc_pile {
	uint8_t *buf;	/* NULL: none, as of records that differ in length */
	uint8_t *next;	/* where a record goes */
	uint32_t left;	/* so many go into the message that is begun */
	uint32_t begun; /* messages, the full ones too */
	uint32_t most;	/* of them */
	uint32_t each;	/* records of a full one */
	int64_t since;	/* when the first began */
};

struct enc_template {
	uint16_t id; /* of versions 1, 5 and 7, which have one: 0 */
	bool options;
	struct enc_program program; /* not of options */
	struct enc_pile pile;
	uint8_t *def; /* the template record as it is on the wire */
	size_t deflen;
	uint8_t *record; /* of options */
	size_t reclen;
};

/*
 * A message in the making.  Its header, and the length of the set that is
 * open, are filled in at the end.
 */
struct enc_draft {
	uint8_t *buf;
	size_t len;	  /* 0: not begun */
	uint32_t id;	  /* of the open set, NO_SET: none is */
	size_t set;	  /* where that begins */
	size_t minlen;	  /* of its first record: others are not shorter */
	uint32_t options; /* records of them */
	uint32_t defs;	  /* templates, of both kinds */
	uint32_t flows;
	int64_t since; /* when it began */
};
#define NO_SET UINT32_MAX

struct encoder {
	struct enc_config config;
	enc_send_fn *send;
	void *arg;
	size_t hdrlen;
	size_t size;	   /* of a message at most */
	int64_t boot;	   /* ms since 1970 */
	int64_t now;	   /* of the last call */
	uint32_t sequence; /* in the unit of the version */
	struct enc_draft draft;
	struct enc_template template[ENC_TEMPLATES];
	size_t ntemplates;
	/* Templates: they must go, they have gone; since when, how often. */
	bool due;
	bool told;
	int64_t told_at;
	uint32_t messages;
	uint8_t *spare; /* for a message of templates in front of the draft */
};

/* enc-message.c */
void draft_begin(struct encoder *);
/* How much is in front of the first record of a message. */
size_t draft_head(const struct encoder *);
/*
 * Where `len` bytes go that are of set `id`: NULL, if there is no room.  They
 * count from draft_took on, which opens the set if it must.
 */
uint8_t *draft_room(const struct encoder *, uint16_t id, size_t len);
void draft_took(struct encoder *, uint16_t id, size_t len);
/* Send it, whatever is in it. */
void draft_send(struct encoder *);
/*
 * The same, unless it was not begun.  Templates that were asked for meanwhile
 * go in front of it: what reads it may have begun anew.
 */
void draft_finish(struct encoder *);

/* enc-pile.c */
/* 0, or -1 with errno. */
int pile_init(const struct encoder *, struct enc_template *);
uint32_t pile_records(const struct enc_pile *);
/*
 * Begin a message; if there is no room for it the others are sent.  If the
 * record that it was for is none after all, end it.
 */
void pile_begin(struct encoder *, struct enc_template *);
void pile_unbegin(struct enc_pile *);
/* Send what is full. */
void pile_send(struct encoder *, struct enc_template *);
/* Records of the last message, which is not full: how many, and from where. */
uint32_t pile_rest(const struct encoder *, const struct enc_template *,
    const uint8_t **);
void pile_empty(struct enc_pile *);

/* enc-template.c */
/* Must they go, though there is no message of flows to go with? */
bool templates_due(const struct encoder *);
/* Must they go in front of a message of flows? */
bool templates_next(const struct encoder *);
/* All of them, in as many messages as it takes; the last is the draft. */
void templates_put(struct encoder *);
/* In messages of their own, though a draft waits. */
void templates_before(struct encoder *);
void templates_withdraw(struct encoder *);

/* A list of fields, the first nscope of which are a scope. */
struct enc_fields {
	const struct enc_field *field;
	size_t n;
	size_t nscope;
};

/* 0, or -1 with errno. */
int template_define(struct enc_template *, uint16_t version,
    const struct enc_fields *);
int template_record(struct enc_template *, const struct enc_fields *,
    const uint8_t *record, size_t len);
void template_clear(struct enc_template *);

/* enc-fixed.c: the layout of version 1, 5 or 7 as the only template */
int fixed_template(struct encoder *);
/* The size of a message that has as many records as it may. */
size_t fixed_size(const struct encoder *);

#endif /* ENCODE_ENC_STATE_H */
