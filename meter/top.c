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

#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "meter/top.h"

#define NSEC 1e9
#define COLUMNS 11 /* of a line */

void
top_clear(struct top *t)
{
	free(t->rows);
	*t = (struct top){0};
}

/* The line cut into words, in place. */
static size_t
split(char *line, char *w[], size_t max)
{
	char *save = NULL, *p;
	size_t n = 0;

	for (p = strtok_r(line, " ", &save); p != NULL;
	     p = strtok_r(NULL, " ", &save)) {
		if (n == max)
			return (max + 1);
		w[n++] = p;
	}
	return (n);
}

static bool
number(const char *s, uint64_t max, uint64_t *v)
{
	size_t len = strlen(s);
	unsigned long long n;

	if (len == 0 || len > 19 || strspn(s, "0123456789") != len)
		return (false);
	n = strtoull(s, NULL, 10);
	*v = n;
	return (n <= max);
}

static bool
address(const char *s, char to[TOP_ADDR])
{
	uint8_t b[16];

	if (strlen(s) >= TOP_ADDR ||
	    (inet_pton(AF_INET, s, b) != 1 && inet_pton(AF_INET6, s, b) != 1))
		return (false);
	memcpy(to, s, strlen(s) + 1);
	return (true);
}

static bool
row(char *w[COLUMNS], struct top_row *r)
{
	uint64_t n[COLUMNS] = {0};
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		if (i != 1 && i != 3 && !number(w[i], INT64_MAX, &n[i]))
			return (false);
	if (n[0] > UINT8_MAX || n[2] > UINT16_MAX || n[4] > UINT16_MAX)
		return (false);
	*r = (struct top_row){.octets = {n[5], n[7]},
	    .packets = {n[6], n[8]},
	    .first = (int64_t)n[9],
	    .last = (int64_t)n[10],
	    .port = {(uint16_t)n[2], (uint16_t)n[4]},
	    .protocol = (uint8_t)n[0]};
	return (address(w[1], r->addr[0]) && address(w[3], r->addr[1]));
}

/* "clock N now N packets N octets N active N dropped N" */
static bool
totals(char *w[COLUMNS + 1], size_t words, struct top *t)
{
	static const char *const names[] = {"clock", "now", "packets", "octets",
	    "active", "dropped"};
	uint64_t n[6];
	size_t i;

	if (words != 12)
		return (false);
	for (i = 0; i < 6; i++)
		if (strcmp(w[2 * i], names[i]) != 0 ||
		    !number(w[2 * i + 1], INT64_MAX, &n[i]))
			return (false);
	t->clock = (int64_t)n[0];
	t->now = (int64_t)n[1];
	t->packets = n[2];
	t->octets = n[3];
	t->active = n[4];
	t->dropped = n[5];
	t->has_totals = true;
	return (true);
}

static bool
grow(struct top *t)
{
	size_t room = t->room == 0 ? 256 : 2 * t->room;
	struct top_row *rows;

	if (t->n < t->room)
		return (true);
	if (t->n >= TOP_ROWS_MAX ||
	    (rows = reallocarray(t->rows, room, sizeof(*rows))) == NULL)
		return (false);
	t->rows = rows;
	t->room = room;
	return (true);
}

void
top_line(struct top *t, const char *line)
{
	char buf[512], *w[COLUMNS + 1];
	struct top_row r;
	size_t n;

	if (strlen(line) >= sizeof(buf))
		return;
	memcpy(buf, line, strlen(line) + 1);
	n = split(buf, w, COLUMNS + 1);
	if (n == COLUMNS + 1 && !t->has_totals)
		(void)totals(w, n, t);
	else if (n == COLUMNS && row(w, &r) && grow(t))
		t->rows[t->n++] = r;
}

static int
by_key(const void *va, const void *vb)
{
	const struct top_row *a = va, *b = vb;
	int d;

	if (a->protocol != b->protocol)
		return (a->protocol < b->protocol ? -1 : 1);
	if ((d = memcmp(a->port, b->port, sizeof(a->port))) != 0)
		return (d);
	if ((d = strcmp(a->addr[0], b->addr[0])) != 0)
		return (d);
	return (strcmp(a->addr[1], b->addr[1]));
}

static int
by_rate(const void *va, const void *vb)
{
	const struct top_row *a = va, *b = vb;
	uint64_t m = a->octets[0] + a->octets[1];
	uint64_t n = b->octets[0] + b->octets[1];

	if (a->octets_rate != b->octets_rate)
		return (a->octets_rate > b->octets_rate ? -1 : 1);
	if (m != n)
		return (m > n ? -1 : 1);
	return (by_key(a, b));
}

/* Counters begin anew when a flow does, or was exported while it goes on. */
static double
growth(uint64_t now, uint64_t before)
{
	return ((double)(now >= before ? now - before : now));
}

static void
row_rates(struct top_row *r, const struct top_row *old, double seconds)
{
	double octets = (double)(r->octets[0] + r->octets[1]);
	double packets = (double)(r->packets[0] + r->packets[1]);
	double life = (double)(r->last - r->first) / NSEC;

	if (old != NULL && seconds > 0) {
		octets = growth(r->octets[0], old->octets[0]) +
		    growth(r->octets[1], old->octets[1]);
		packets = growth(r->packets[0], old->packets[0]) +
		    growth(r->packets[1], old->packets[1]);
	} else {
		/* One packet has no duration. */
		seconds = life > 1 ? life : 1;
	}
	r->octets_rate = octets / seconds;
	r->packets_rate = packets / seconds;
}

void
top_rates(struct top *t, struct top *before)
{
	double seconds = (double)(t->clock - before->clock) / NSEC;
	const struct top_row *old;
	size_t i;

	if (!before->has_totals)
		seconds = 0;
	if (before->n > 0)
		qsort(before->rows, before->n, sizeof(*before->rows), by_key);
	for (i = 0; i < t->n; i++) {
		old = before->n == 0
		    ? NULL
		    : bsearch(&t->rows[i], before->rows, before->n,
			  sizeof(*before->rows), by_key);
		row_rates(&t->rows[i], old, seconds);
	}
	if (t->n > 0)
		qsort(t->rows, t->n, sizeof(*t->rows), by_rate);
	if (seconds <= 0)
		return;
	t->octets_rate = growth(t->octets, before->octets) / seconds;
	t->packets_rate = growth(t->packets, before->packets) / seconds;
	t->dropped_rate = growth(t->dropped, before->dropped) / seconds;
}

/* Five characters at most: 999, 1.2k, 12k, 123k, 1.2M; in full without width */
static const char *
amount(double n, const struct top_view *v, char buf[32])
{
	static const char units[] = " kMGTPE";
	size_t i = 0;

	if (v->width == 0) {
		snprintf(buf, 32, "%.0f", n);
		return (buf);
	}
	while (n >= 999.5 && i < sizeof(units) - 2) {
		n /= 1000;
		i++;
	}
	if (i == 0)
		snprintf(buf, 32, "%.0f", n);
	else
		snprintf(buf, 32, "%.*f%c", n < 9.95 ? 1 : 0, n, units[i]);
	return (buf);
}

static const char *
protocol(uint8_t p, char buf[32])
{
	const struct protoent *pe = getprotobynumber(p);

	if (pe != NULL && strlen(pe->p_name) <= 9)
		snprintf(buf, 32, "%s", pe->p_name);
	else
		snprintf(buf, 32, "%u", p);
	return (buf);
}

static void
age(double seconds, char buf[32])
{
	static const struct {
		double unit;
		char name;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t i;

	if (seconds < 0)
		seconds = 0;
	for (i = 0; i < 3 && seconds < 2 * units[i].unit; i++)
		continue;
	snprintf(buf, 32, "%.0f%c", seconds / units[i].unit, units[i].name);
}

static void
end_line(FILE *f, const struct top_view *v)
{
	fputs(v->ansi ? "\033[K\n" : "\n", f);
}

/* One end of a flow, in so many columns; its end is cut. */
static void
put_end(FILE *f, const struct top_row *r, int i, int width)
{
	char buf[64];
	bool v6 = strchr(r->addr[i], ':') != NULL;

	snprintf(buf, sizeof(buf), v6 ? "[%s]:%u" : "%s:%u", r->addr[i],
	    r->port[i]);
	if ((int)strlen(buf) > width && width > 0) {
		buf[width - 1] = '~';
		buf[width] = '\0';
	}
	fprintf(f, "%-*s ", width, buf);
}

/*
 * What is left for the two ends of a flow, each.  The last column is not
 * written to: what clears the rest of a line would clear it, too.
 */
static int
end_width(const struct top_view *v)
{
	int w = (v->width - 46) / 2;

	if (v->width == 0)
		return (47);
	return (w < 8 ? 8 : w > 47 ? 47 : w);
}

static void
put_row(FILE *f, const struct top *t, const struct top_row *r,
    const struct top_view *v)
{
	char buf[5][32];
	int n = v->width == 0 ? 14 : 6;

	age((double)(t->now - r->first) / NSEC, buf[4]);
	fprintf(f, "%-9s ", protocol(r->protocol, buf[0]));
	put_end(f, r, 0, end_width(v));
	put_end(f, r, 1, end_width(v));
	fprintf(f, "%*s %*s ", n, amount(8 * r->octets_rate, v, buf[0]), n,
	    amount(r->packets_rate, v, buf[1]));
	fprintf(f, "%*s %*s %5s", n,
	    amount((double)(r->octets[0] + r->octets[1]), v, buf[2]), n,
	    amount((double)(r->packets[0] + r->packets[1]), v, buf[3]), buf[4]);
	end_line(f, v);
}

void
top_print(FILE *f, const struct top *t, const struct top_view *v)
{
	int w = end_width(v), n = v->width == 0 ? 14 : 6;
	char buf[3][32];
	size_t i;

	if (v->ansi)
		fputs("\033[H", f);
	fprintf(f, "%llu flows, %s bit/s, %s packets/s, %s dropped/s",
	    (unsigned long long)t->active,
	    amount(8 * t->octets_rate, v, buf[0]),
	    amount(t->packets_rate, v, buf[1]),
	    amount(t->dropped_rate, v, buf[2]));
	fprintf(f, ", %llu dropped", (unsigned long long)t->dropped);
	end_line(f, v);
	fprintf(f, "%-9s %-*s %-*s %*s %*s %*s %*s %5s", "PROTOCOL", w,
	    "INITIATOR", w, "RESPONDER", n, "BIT/S", n, "PKT/S", n, "BYTES", n,
	    "PKTS", "AGE");
	end_line(f, v);
	for (i = 0; i < t->n && i < v->rows; i++)
		put_row(f, t, &t->rows[i], v);
	if (v->ansi)
		fputs("\033[J", f);
	fflush(f);
}
