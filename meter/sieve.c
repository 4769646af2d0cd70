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

#include <pcap/pcap.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter/sieve.h"

#define SNAPLEN 262144

struct sieve {
	struct bpf_program program;
};

struct sieve *
sieve_new(const char *expression, int dlt, char *err, size_t errlen)
{
	struct sieve *s = NULL;
	pcap_t *pcap;

	if ((pcap = pcap_open_dead(dlt, SNAPLEN)) == NULL ||
	    (s = calloc(1, sizeof(*s))) == NULL) {
		(void)snprintf(err, errlen, "%s", strerror(errno));
	} else if (pcap_compile(pcap, &s->program, expression, 1,
		       PCAP_NETMASK_UNKNOWN) == -1) {
		(void)snprintf(err, errlen, "filter: %s", pcap_geterr(pcap));
		free(s);
		s = NULL;
	}
	if (pcap != NULL)
		pcap_close(pcap);
	return (s);
}

void
sieve_free(struct sieve *s)
{
	if (s == NULL)
		return;
	pcap_freecode(&s->program);
	free(s);
}

bool
sieve_match(const struct sieve *s, const struct frame *f)
{
	const struct pcap_pkthdr hdr = {.caplen = f->caplen, .len = f->len};

	return (pcap_offline_filter(&s->program, &hdr, f->data) != 0);
}
