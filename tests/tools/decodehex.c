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
 * decodehex < NAME.hex: what a decoder makes of datagrams that are written
 * down.  A datagram is hexadecimal digits up to an empty line; "#" begins a
 * comment, and "@ address" says who sends from here on.  Each flow is a line
 * of JSON, and so is the report behind those of a datagram.
 */

#include <ctype.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "format.h"

#define FIRST_TIME INT64_C(1700000000) /* a second later each */

struct state {
	struct decoder *d;
	struct dec_source src;
	struct format_columns cols;
	uint8_t pkt[65536];
	size_t len;
	unsigned int number;
	unsigned int line;
};

static void
print_flow(void *arg, struct flow *f)
{
	const struct state *st = arg;
	char buf[FORMAT_MAX];

	format_json(buf, sizeof(buf), f, &st->cols);
	puts(buf);
}

static void
print_report(const struct state *st, enum dec_result result,
    const struct dec_report *r)
{
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {
	    {"flows", r->flows},
	    {"options", r->options},
	    {"facts_refused", r->facts_refused},
	    {"templates", r->templates},
	    {"templates_withdrawn", r->templates_withdrawn},
	    {"templates_refused", r->templates_refused},
	    {"sets_no_template", r->sets_no_template},
	    {"sets_skipped", r->sets_skipped},
	    {"records_short", r->records_short},
	    {"samples_counters", r->samples_counters},
	    {"samples_skipped", r->samples_skipped},
	    {"records_skipped", r->records_skipped},
	    {"samples_dropped", r->samples_dropped},
	    {"seq_lost", r->seq_lost},
	    {"seq_recovered", r->seq_recovered},
	    {"seq_reordered", r->seq_reordered},
	    {"seq_duplicates", r->seq_duplicates},
	    {"seq_reset", r->seq_reset},
	    {"seq_other_unit", r->seq_other_unit},
	};
	size_t i;

	printf("{\"datagram\":%u,\"result\":\"%s\",", st->number,
	    dec_strerror(result));
	if (result != DEC_OK && result != DEC_NOTEMPLATE)
		printf("\"error_at\":%u,", r->error_at);
	printf("\"version\":%u,\"source_id\":%u", r->version, r->source_id);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (counts[i].n != 0)
			printf(",\"%s\":%" PRIu64, counts[i].name, counts[i].n);
	puts("}");
}

static void
decode(struct state *st)
{
	struct dec_report report;
	enum dec_result result;
	uint8_t *copy;

	if (st->len == 0)
		return;
	/* An exact copy: a sanitizer sees each byte read too far. */
	if ((copy = malloc(st->len)) == NULL)
		err(1, NULL);
	memcpy(copy, st->pkt, st->len);
	st->number++;
	st->src.recv_time = (FIRST_TIME + st->number) * NSEC_PER_SEC;
	result =
	    decode_packet(st->d, &st->src, rd_init(copy, st->len), &report);
	free(copy);
	print_report(st, result, &report);
	st->len = 0;
}

static int
digit(unsigned int line, int c)
{
	if (!isxdigit(c))
		errx(1, "line %u: \"%c\" is no hexadecimal digit", line, c);
	return (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
}

static void
read_line(struct state *st, char *line)
{
	char *p;
	bool comment = strchr(line, '#') != NULL;

	line[strcspn(line, "#\n")] = '\0';
	p = line + strspn(line, " \t");
	if (*p == '@') {
		p += 1 + strspn(p + 1, " ");
		if (addr_parse(p, &st->src.agent) == -1)
			errx(1, "line %u: not an address", st->line);
		return;
	}
	if (*p == '\0' && !comment)
		decode(st);
	while (*p != '\0') {
		if (st->len == sizeof(st->pkt))
			errx(1, "line %u: too long", st->line);
		st->pkt[st->len++] = (uint8_t)(digit(st->line, p[0]) << 4 |
		    digit(st->line, p[1]));
		p += 2;
		p += strspn(p, " \t");
	}
}

int
main(void)
{
	static struct state st;
	char *line = NULL;
	size_t size = 0;

	format_columns_all(&st.cols);
	if (addr_parse("192.0.2.1", &st.src.agent) == -1 ||
	    (st.d = decode_new(NULL, print_flow, &st)) == NULL)
		err(1, NULL);
	decode_names(st.d, true);
	while (getline(&line, &size, stdin) != -1) {
		st.line++;
		read_line(&st, line);
	}
	decode(&st);
	free(line);
	decode_free(st.d);
	return (0);
}
