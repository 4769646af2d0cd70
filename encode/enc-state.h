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

struct enc_template {
	uint16_t id; /* of versions 1, 5 and 7, which have one: 0 */
	bool options;
	uint32_t quick; /* the id, if its records are all of one length */
	struct enc_program program; /* not of options */
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
#define NOT_QUICK (UINT32_MAX - 1)

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
/*
 * Where `len` bytes go that are of set `id`: NULL, if there is no room.  They
 * count from draft_took on, which opens the set if it must.
 */
uint8_t *draft_room(const struct encoder *, uint16_t id, size_t len);
void draft_took(struct encoder *, uint16_t id, size_t len);
/* Send it, whatever is in it. */
void draft_send(struct encoder *);

/* enc-template.c */
/* Must they go, though there is no message of flows to go with? */
bool templates_due(const struct encoder *);
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
