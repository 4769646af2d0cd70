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
 * Parts of a record that hold fields themselves: the front of a packet, lists
 * of values and of records.  They fill what the record does not have, and the
 * first of them that has it counts.
 *
 * A list says something of the flow if it has one member: which of several
 * is meant nobody can tell.
 */

#include "decode/packet.h"
#include "decode/state.h"

#define LIST_DEPTH 2	/* of lists in lists */
#define LIST_RECORDS 16 /* of one flow record, in all of its lists */
#define LIST_OPS 8	/* steps of the program of one element */
#define LIST_NONE_OF 0	/* RFC 6313 4.4 */
#define LIST_ALL_OF 3	/* from here on, every member holds */
#define LIST_ENTRYLEN 4 /* template and length, which counts them, too */
#define LINK_ETHERNET 1 /* RFC 7133, dataLinkFrameType */

struct lists {
	struct ctx *x;
	unsigned int depth;
	unsigned int records;
};

static void walk(struct lists *, const struct aux *, struct flow *);

/* An address and a prefix have one place. */
static bool
taken(const struct flow *f, enum flow_field bit)
{
	switch (bit) {
	case FLOW_SRC_ADDR:
	case FLOW_SRC_PREFIX:
		return (
		    flow_has(f, FLOW_SRC_ADDR) || flow_has(f, FLOW_SRC_PREFIX));
	case FLOW_DST_ADDR:
	case FLOW_DST_PREFIX:
		return (
		    flow_has(f, FLOW_DST_ADDR) || flow_has(f, FLOW_DST_PREFIX));
	default:
		return (flow_has(f, bit));
	}
}

/* Give the flow what it lacks. */
static void
fill(struct flow *f, const struct flow *from)
{
	const struct field *fd;
	unsigned int i;
	uint64_t left;

	for (i = 0; i < FLOW_WORDS; i++)
		for (left = from->has.w[i]; left != 0; left &= left - 1) {
			fd = &fields[i * 64 + (size_t)__builtin_ctzll(left)];
			if (taken(f, fd->bit))
				continue;
			memcpy(field_ptr(f, fd), field_cptr(from, fd),
			    field_size(fd->type));
			flow_set(f, fd->bit);
		}
}

static bool
noted(const struct aux *aux, enum elem_note note)
{
	return (aux->noted >> note & 1);
}

/* The packet was seen when the record says. */
static void
date(struct flow *f)
{
	if (flow_has(f, FLOW_START) || flow_has(f, FLOW_END) ||
	    flow_has(f, FLOW_START_UPTIME) || flow_has(f, FLOW_END_UPTIME) ||
	    !flow_has(f, FLOW_EVENT_TIME))
		return;
	f->start = f->end = f->event_time;
	flow_set(f, FLOW_START);
	flow_set(f, FLOW_END);
}

/* It is one packet that the record counts, unless it has counters. */
static void
count(struct flow *f, const struct aux *aux, uint64_t len)
{
	if (flow_has(f, FLOW_PACKETS) || flow_has(f, FLOW_OCTETS) ||
	    flow_has(f, FLOW_OUT_PACKETS) || flow_has(f, FLOW_OUT_OCTETS))
		return;
	f->packets = 1;
	flow_set(f, FLOW_PACKETS);
	if (noted(aux, NOTE_LENGTH))
		len = aux->note[NOTE_LENGTH];
	else if (len == 0 && noted(aux, NOTE_FRAME))
		len = aux->note[NOTE_FRAME];
	if (len != 0) {
		f->octets = len;
		flow_set(f, FLOW_OCTETS);
	}
}

/* What of the part is the front of a packet that can be read. */
static struct rd
front(const struct aux *aux, const struct part *part)
{
	struct rd rd = part->rd;

	/* A field of fixed length has padding behind what was exported. */
	if (noted(aux, NOTE_EXPORTED) && aux->note[NOTE_EXPORTED] < rd.left)
		rd.left = (size_t)aux->note[NOTE_EXPORTED];
	if (noted(aux, NOTE_OFFSET) && aux->note[NOTE_OFFSET] != 0)
		rd.left = 0;
	if (part->kind == PART_FRAME && noted(aux, NOTE_TYPE) &&
	    aux->note[NOTE_TYPE] != LINK_ETHERNET)
		rd.left = 0;
	return (rd);
}

static void
packet(struct lists *l, const struct aux *aux, const struct part *part,
    struct flow *f)
{
	static const enum packet_link links[] = {
	    [PART_FRAME] = PACKET_ETHERNET,
	    [PART_IP] = PACKET_IP,
	    [PART_MPLS] = PACKET_MPLS,
	};
	struct packet pk = {.ip_len = 0};
	struct flow found;

	memset(&found, 0, sizeof(found));
	packet_decode(links[part->kind], front(aux, part), l->x->src->inner,
	    &found, &pk);
	fill(f, &found);
	date(f);
	count(f, aux, pk.ip_len);
}

/* The record at the cursor, if it is the only one there. */
static void
only_record(struct lists *l, const struct program *pg, struct rd *rd,
    struct flow *f)
{
	struct flow found;
	struct aux aux;
	unsigned int i;

	if (l->records >= LIST_RECORDS)
		return;
	l->records++;
	memset(&found, 0, sizeof(found));
	aux.has = aux.nparts = aux.noted = 0;
	aux.sampling.has = 0;
	aux.recv_time = l->x->src->recv_time;
	if (program_run(pg, rd, &found, &aux) == -1 || rd->left >= pg->minlen)
		return;
	for (i = 0; i < FLOW_WORDS; i++)
		found.has.w[i] |= pg->has.w[i];
	l->depth++;
	walk(l, &aux, &found);
	l->depth--;
	fill(f, &found);
}

/* RFC 6313 4.5.1: it begins like a template of one field. */
static void
basic_list(struct lists *l, struct rd rd, struct flow *f)
{
	struct op op[LIST_OPS];
	struct program pg;
	struct specs specs;
	uint8_t semantic;
	int n;

	if (rd_u8(&rd, &semantic) == -1 || semantic == LIST_NONE_OF ||
	    specs_cut(&rd, NF_IPFIX, 1, &specs) == -1)
		return;
	n = program_measure(&specs, &pg);
	if (n == -1 || n > LIST_OPS)
		return;
	program_compile(&specs, &pg, op);
	only_record(l, &pg, &rd, f);
}

static void
record_of(struct lists *l, uint16_t id, struct rd *rd, struct flow *f)
{
	const struct template *t = template_find(l->x->d, l->x->dom, id);

	if (t != NULL && !t->options)
		only_record(l, &t->program, rd, f);
}

static void
template_list(struct lists *l, struct rd rd, struct flow *f)
{
	uint8_t semantic;
	uint16_t id;

	if (rd_u8(&rd, &semantic) == -1 || semantic == LIST_NONE_OF ||
	    rd_u16(&rd, &id) == -1)
		return;
	record_of(l, id, &rd, f);
}

/* Each entry is a list. */
static void
templates_list(struct lists *l, struct rd rd, struct flow *f)
{
	struct rd entry;
	uint8_t semantic;
	uint16_t id, len;

	if (rd_u8(&rd, &semantic) == -1 || semantic < LIST_ALL_OF)
		return;
	while (l->records < LIST_RECORDS && rd_u16(&rd, &id) == 0 &&
	    rd_u16(&rd, &len) == 0 && len >= LIST_ENTRYLEN &&
	    rd_sub(&rd, len - LIST_ENTRYLEN, &entry) == 0)
		record_of(l, id, &entry, f);
}

static void
walk(struct lists *l, const struct aux *aux, struct flow *f)
{
	static void (*const lists[PART_MAX])(struct lists *, struct rd,
	    struct flow *) = {
	    [PART_LIST] = basic_list,
	    [PART_TEMPLATE] = template_list,
	    [PART_TEMPLATES] = templates_list,
	};
	const struct part *part;

	for (part = aux->part; part < aux->part + aux->nparts; part++)
		if (lists[part->kind] == NULL)
			packet(l, aux, part, f);
		else if (l->depth < LIST_DEPTH)
			lists[part->kind](l, part->rd, f);
}

void
parts_decode(struct ctx *x, const struct aux *aux)
{
	struct lists l = {.x = x};

	walk(&l, aux, &x->flow);
}
