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
 * Writes docs/elements.md: what field.c has, as a page for people.
 */

#include <stdio.h>
#include <stdlib.h>

#include "elementnames.h"
#include "store.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ELEMENTS_MAX 1024

static const struct element *elements[ELEMENTS_MAX];
static size_t nelements;

static const char *const types[FT_MAX] = {
    [FT_U8] = "8 bits",
    [FT_U16] = "16 bits",
    [FT_U32] = "32 bits",
    [FT_U64] = "64 bits",
    [FT_TIME] = "time",
    [FT_ADDR] = "address",
    [FT_MAC] = "MAC",
    [FT_APPID] = "bytes",
    [FT_LABELS] = "labels",
    [FT_TEXT] = "text",
};

static const char head[] =
    "# Fields and elements\n"
    "\n"
    "Made from `field.c` by `make docs`: change that, not this page.\n"
    "\n"
    "A field has the same name as a column of flowd-reader(8), a key of its "
    "JSON, and a word of the rules.\n"
    "*Log* is the word of `store` that keeps it in a log; a field without one "
    "is for rules, the log socket and\n"
    "`flowd-reader --pcap`.\n"
    "*Elements* are those of NetFlow 9 and IPFIX that fill it, the best first "
    "where several are in a record; of\n"
    "one that is there twice the first counts, which is that of the outer "
    "packet. The number is the element's,\n"
    "behind that of the enterprise and a slash where it has one. Numbers above "
    "32767 without one are those of\n"
    "NetFlow 9, which has no enterprises. Fields without elements come from "
    "headers, from NetFlow 1 to 8, from\n"
    "sFlow, or from flowd itself.\n"
    "\n"
    "| Field | Type | What | Log | Elements |\n"
    "| --- | --- | --- | --- | --- |\n";

static const char parts[] =
    "\n"
    "## Parts\n"
    "\n"
    "These hold fields themselves. They fill what the record does not have. "
    "A list counts if it has one member, and\n"
    "is skipped, exactly, if it has several. A record that has the front of a "
    "packet and no counters counts one\n"
    "packet, of the length that the record says, or else the packet's own "
    "header; without start and end it has the\n"
    "time of the observation.\n"
    "\n"
    "| Element | What is in it |\n"
    "| --- | --- |\n";

static const char events[] =
    "\n"
    "## Events\n"
    "\n"
    "Firewalls (Cisco ASA: NSEL) and NAT devices (RFC 8158) tell of events. "
    "Each is a flow, with *event_time*, and with\n"
    "*firewall_event* (1 created, 2 deleted, 3 denied, 4 alert, 5 update) or "
    "*nat_event*. Most have no end, many no\n"
    "start, and those of NAT no counters. An ASA counts in its updates and at "
    "the end what went by since the event\n"
    "before, so the sum over the events of a connection (*flow_id*) is right; "
    "releases before 8.4(5) count once, at\n"
    "the end.\n"
    "\n"
    "## Times\n"
    "\n"
    "*start* and *end* are absolute, from whatever there is, in the order of "
    "the table. Uptimes count from the header\n"
    "(NetFlow), or from element 160 of the record or of the last options "
    "data. A time before 1980 is that of a clock\n"
    "that was never set: then the next best is asked, and if there is none "
    "the field is absent.\n";

static const char skipped[] =
    "\n"
    "## What is skipped\n"
    "\n"
    "Every other element is skipped by its length: it costs nothing, and the "
    "fields behind it are right. An element\n"
    "whose length cannot be that of its type (an IPv4 address of five bytes) "
    "is skipped, too. Of a number that is too\n"
    "large for its field, the largest number is kept.\n"
    "\n"
    "Which these are, and how many records had them, is in the statistics of "
    "flowd(8) (*ignored*), by enterprise and number.\n"
    "To see what an exporter sends, `tshark -d udp.port==2055,cflow -V -r "
    "file` names each element of a recording,\n"
    "and `flowd-reader --pcap file` shows what flowd makes of it.\n";

static const char *
name_of(const struct element *e)
{
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		if (names[i].pen == e->pen && names[i].id == e->id)
			return (names[i].name);
	return ("NAMELESS");
}

static void
print_element(const struct element *e)
{
	size_t i;

	for (i = 0; e->pen != 0 && i < COUNT(vendors); i++)
		if (vendors[i].pen == e->pen)
			printf("%s ", vendors[i].vendor);
	printf("%s ", name_of(e));
	if (e->pen != 0)
		printf("%u/", e->pen);
	printf("%u", e->id);
}

static int
by_rank(const void *va, const void *vb)
{
	const struct element *a = *(const struct element *const *)va;
	const struct element *b = *(const struct element *const *)vb;

	if (a->rank != b->rank)
		return ((int)a->rank - (int)b->rank);
	if (a->pen != b->pen)
		return (a->pen < b->pen ? -1 : 1);
	return ((int)a->id - (int)b->id);
}

static void
find_elements(void)
{
	const struct element *e;
	uint32_t id;
	size_t i;

	for (i = 0; i < COUNT(vendors); i++)
		for (id = 0; id <= UINT16_MAX; id++) {
			e = element_find(vendors[i].pen, (uint16_t)id);
			if (e != NULL && nelements < ELEMENTS_MAX)
				elements[nelements++] = e;
		}
	qsort(elements, nelements, sizeof(elements[0]), by_rank);
}

/* One that gives the type and the code of ICMP stands in both rows. */
static int
fills(const struct element *e, enum flow_field field)
{
	return (e->field == field ||
	    (e->conv == CONV_ICMP && field == FLOW_ICMP_CODE));
}

static void
print_field(const struct field *fd)
{
	const char *keyword, *sep = "";
	uint32_t mask = fd->store;
	size_t i;

	printf("| %s | %s | %s |", fd->name, types[fd->type], fd->what);
	while ((keyword = store_keyword_next(&mask)) != NULL)
		printf(" %s", keyword);
	printf(" | ");
	for (i = 0; i < nelements; i++)
		if (fills(elements[i], fd->bit)) {
			fputs(sep, stdout);
			print_element(elements[i]);
			sep = ", ";
		}
	puts(" |");
}

static void
print_parts(void)
{
	const struct element *e;
	static const char *const what[PART_MAX] = {
	    [PART_FRAME] = "a frame of Ethernet",
	    [PART_IP] = "a packet of IPv4 or IPv6",
	    [PART_MPLS] = "a packet below a stack of labels",
	    [PART_LIST] = "values of one element (RFC 6313)",
	    [PART_TEMPLATE] = "records of one template",
	    [PART_TEMPLATES] = "records of several templates",
	};
	static const char *const note[NOTE_MAX] = {
	    [NOTE_LENGTH] = "length of the IP packet",
	    [NOTE_FRAME] = "length of the frame",
	    [NOTE_TYPE] = "kind of the frame: only Ethernet is read",
	    [NOTE_OFFSET] = "where the part begins: only 0 is read",
	    [NOTE_EXPORTED] = "bytes of the part that are not padding",
	};
	size_t i;

	for (i = 0; i < nelements; i++) {
		e = elements[i];
		if (e->field != FLOW_NFIELDS)
			continue;
		printf("| ");
		print_element(e);
		printf(" | %s |\n",
		    e->conv == CONV_PART ? what[e->index] : note[e->index]);
	}
}

int
main(void)
{
	int i;

	find_elements();
	fputs(head, stdout);
	for (i = 0; i < FLOW_NFIELDS; i++)
		print_field(&fields[i]);
	fputs(parts, stdout);
	print_parts();
	fputs(events, stdout);
	fputs(skipped, stdout);
	return (0);
}
