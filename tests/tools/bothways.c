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
 * bothways file ...: captures, decoded flow by flow and as records that are
 * taken together.  Says where that differs, and how much there was of both.
 */

#include <err.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>

#include "../unit/bothways.h"
#include "reader.h"

static uint64_t flows, taken, wrong;

static void
feed(struct bothways *b, const char *path, const struct datagram *dg,
    int64_t now)
{
	struct dec_source src = {.agent = dg->src, .recv_time = now};
	const char *what = bothways_feed(b, &src, dg->payload);

	if (what != NULL) {
		warnx("%s: %s", path, what);
		wrong++;
	}
}

static void
read_file(const char *path, enum whim whim)
{
	char why[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *head;
	const u_char *data;
	struct bothways b;
	struct datagram dg;
	struct frags *frags = frags_new();
	enum datagram_result result;
	int64_t now;
	pcap_t *pcap;

	if (frags == NULL || (pcap = pcap_open_offline(path, why)) == NULL)
		errx(1, "%s: %s", path, why);
	bothways_init(&b, NULL);
	b.whim = whim;
	while (pcap_next_ex(pcap, &head, &data) == 1) {
		now = head->ts.tv_sec * NSEC_PER_SEC + head->ts.tv_usec * 1000;
		result = datagram_parse(pcap_datalink(pcap),
		    rd_init(data, head->caplen), &dg);
		if (result == DATAGRAM_FRAGMENT && frags_add(frags, &dg, now))
			result = datagram_udp(&dg);
		if (result == DATAGRAM_UDP)
			feed(&b, path, &dg, now);
	}
	flows += b.flows;
	taken += b.taken;
	bothways_clear(&b);
	frags_free(frags);
	pcap_close(pcap);
}

int
main(int argc, char **argv)
{
	int i, whim;

	for (whim = 0; whim < TAKE_WHIMS; whim++) {
		flows = taken = 0;
		for (i = 1; i < argc; i++)
			read_file(argv[i], (enum whim)whim);
		printf("%" PRIu64 " flows, %" PRIu64 " of them together\n",
		    flows, taken);
	}
	return (wrong == 0 ? 0 : 1);
}
