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
 * What the decoder should make of a flow that was encoded: for mirror.h.
 */

#ifndef FUZZ_MIRROR_CHECK_H
#define FUZZ_MIRROR_CHECK_H

static inline uint64_t
mirror_most(size_t len)
{
	return (len >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * len) - 1);
}

/* What a number is after it was in so many bytes. */
static inline uint64_t
mirror_narrow(const struct field *fd, uint64_t v, size_t len)
{
	if (v <= mirror_most(len))
		return (v);
	if ((fd->bit == FLOW_SRC_AS || fd->bit == FLOW_DST_AS) && len == 2)
		return (23456);
	if (fd->bit == FLOW_TCP_FLAGS || fd->bit == FLOW_REVERSE_TCP_FLAGS)
		return (v & mirror_most(len));
	return (mirror_most(len));
}

static inline uint32_t
mirror_uptime(const struct mirror *m, const struct flow *f, uint8_t field)
{
	int64_t t = field == FLOW_START_UPTIME ? f->start : f->end;

	if (t <= 0)
		return (0);
	return ((uint32_t)(t / NSEC_PER_MSEC - m->config.boot / NSEC_PER_MSEC));
}

static inline void
check_number(const struct mirror *m, const struct flow *was,
    const struct flow *is, const struct field *fd, size_t len)
{
	uint64_t v = field_number(was, fd);

	if (fd->bit == FLOW_START_UPTIME || fd->bit == FLOW_END_UPTIME)
		v = mirror_uptime(m, was, (uint8_t)fd->bit);
	REQUIRE(flow_has(is, fd->bit));
	REQUIRE(field_number(is, fd) == mirror_narrow(fd, v, len));
}

static inline void
check_time(const struct flow *was, const struct flow *is,
    const struct field *fd, int64_t unit, size_t len)
{
	int64_t t = *(const int64_t *)field_cptr(was, fd);
	int64_t got = *(const int64_t *)field_cptr(is, fd);

	if (t <= 0)
		REQUIRE(!flow_has(is, fd->bit) || got != 0);
	/* In few bytes it is another: of none that long ago anything is told.
	 */
	else if ((uint64_t)(t / unit) <= mirror_most(len))
		REQUIRE(flow_has(is, fd->bit) && got == t / unit * unit);
}

static inline void
check_addr(const struct mirror_template *t, const struct flow *was,
    const struct flow *is, const struct field *fd)
{
	const struct addr *a = field_cptr(was, fd), *b = field_cptr(is, fd);

	REQUIRE(flow_has(is, fd->bit));
	if (a->family != ADDR_NONE && mirror_place(t, (uint8_t)fd->bit, a))
		REQUIRE(addr_equal(a, b));
	else
		REQUIRE(addr_is_zero(b));
}

static inline void
check_appid(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint8_t want[1 + FLOW_APPID_MAX] = {0};
	size_t n = a[0];

	if (len == ENC_VARIABLE)
		len = n;
	want[0] = (uint8_t)len;
	if (n > 0 && n <= len) {
		want[1] = a[1];
		memcpy(want + 1 + len - (n - 1), a + 2, n - 1);
	}
	REQUIRE(memcmp(want, b, 1 + len) == 0);
}

static inline void
check_a_text(const struct flow *was, const struct flow *is,
    const struct field *fd, size_t len)
{
	const struct flow_text *a = field_cptr(was, fd);
	const struct flow_text *b = field_cptr(is, fd);

	if (a->len < len)
		len = a->len;
	REQUIRE(flow_has(is, fd->bit) == (len > 0));
	REQUIRE(b->len == len);
	REQUIRE(len == 0 || memcmp(a->p, b->p, len) == 0);
}

/* Of the labels that the template has, those that are there. */
static inline void
check_labels(const struct mirror_template *t, const struct flow *was,
    const struct flow *is)
{
	const struct element *el;
	bool has[FLOW_MPLS_MAX] = {false};
	size_t i, n = 0;

	for (i = 0; i < t->n; i++) {
		el = element_find(t->field[i].pen, t->field[i].id);
		if (el != NULL && el->conv == CONV_LABEL)
			has[el->index] = true;
	}
	for (i = 0; i < FLOW_MPLS_MAX; i++)
		if (has[i] && was->mpls_labels[i] != 0)
			REQUIRE(is->mpls_labels[n++] == was->mpls_labels[i]);
	REQUIRE(n == FLOW_MPLS_MAX || is->mpls_labels[n] == 0);
}

static inline void
check_element(const struct mirror *m, const struct mirror_template *t,
    const struct enc_field *spec, const struct flow *was, const struct flow *is)
{
	const struct element *el = element_find(spec->pen, spec->id);
	const struct field *fd;
	uint64_t ms;

	if (el == NULL)
		return;
	fd = &fields[el->field];
	switch (el->conv) {
	case CONV_UINT:
		check_number(m, was, is, fd, spec->len);
		break;
	case CONV_ADDR4:
	case CONV_ADDR6:
		check_addr(t, was, is, fd);
		break;
	case CONV_MAC:
		REQUIRE(
		    memcmp(field_cptr(was, fd), field_cptr(is, fd), 6) == 0);
		break;
	case CONV_SECONDS:
		check_time(was, is, fd, NSEC_PER_SEC, spec->len);
		break;
	case CONV_MILLISECONDS:
		check_time(was, is, fd, NSEC_PER_MSEC, spec->len);
		break;
	case CONV_NTP_US:
		check_time(was, is, fd, 1000, 8);
		break;
	case CONV_NTP:
		check_time(was, is, fd, 1, 8);
		break;
	case CONV_MS_US:
		ms = mirror_narrow(fd, (was->tcp_rtt + UINT64_C(500)) / 1000,
		    spec->len);
		REQUIRE(is->tcp_rtt ==
		    (ms > UINT32_MAX / 1000 ? UINT32_MAX : ms * 1000));
		break;
	case CONV_ICMP:
		check_number(m, was, is, fd, 1);
		check_number(m, was, is, &fields[el->field + 1], 1);
		break;
	case CONV_LABEL:
		check_labels(t, was, is);
		break;
	case CONV_APPID:
		check_appid(field_cptr(was, fd), field_cptr(is, fd), spec->len);
		break;
	case CONV_TEXT:
		check_a_text(was, is, fd, spec->len);
		break;
	case CONV_DSCP:
		REQUIRE(field_number(is, fd) == (field_number(was, fd) & 0xfc));
		break;
	case CONV_FLAGS:
		if (el->index & 1)
			check_number(m, was, is, fd, spec->len);
		break;
	default: /* durations, rates: of several fields */
		break;
	}
}

/* With an uptime in the header, the times themselves come back. */
static inline void
check_uptimes(const struct mirror *m, const struct mirror_template *t,
    const struct flow *was, const struct flow *is)
{
	const struct enc_field *f;
	size_t i;

	if (m->version == NF_IPFIX)
		return;
	for (i = 0; i < t->n; i++) {
		f = &t->field[i];
		if (element_find(f->pen, f->id) != NULL &&
		    element_find(f->pen, f->id)->field == FLOW_START &&
		    element_find(f->pen, f->id)->conv != CONV_SYSINIT)
			return;
	}
	f = mirror_has(t, FLOW_START_UPTIME, CONV_UINT);
	if (f != NULL && f->len >= 4 && was->start > 0)
		REQUIRE(
		    is->start == was->start / NSEC_PER_MSEC * NSEC_PER_MSEC);
}

static inline int
mirror_skip(const struct mirror_template *t, struct rd *rd)
{
	uint16_t len;
	uint8_t n;
	size_t i;

	for (i = 0; i < t->n; i++) {
		len = t->field[i].len;
		if (len == ENC_VARIABLE) {
			if (rd_u8(rd, &n) == -1)
				return (-1);
			len = n;
			if (n == NF_VARLEN_LONG && rd_u16(rd, &len) == -1)
				return (-1);
		}
		if (rd_skip(rd, len) == -1)
			return (-1);
	}
	return (0);
}

/* Which templates its records are of: only those of one are in order. */
static inline void
mirror_records(struct mirror *m, struct rd rd)
{
	uint16_t id, len;
	struct rd set;

	m->at = m->nrecords = 0;
	memset(m->record, 0, sizeof(m->record));
	if (m->version < NF_V9)
		return;
	REQUIRE(rd_skip(&rd,
		    m->version == NF_V9 ? NF_V9_HDRLEN : NF_IPFIX_HDRLEN) == 0);
	while (rd_u16(&rd, &id) == 0 && rd_u16(&rd, &len) == 0) {
		REQUIRE(len >= NF_SET_HDRLEN);
		len -= NF_SET_HDRLEN;
		set = rd_init(rd.p, len);
		REQUIRE(rd_skip(&rd, len) == 0);
		if (id < NF_SET_DATA_MIN)
			continue;
		while (set.left > 0 &&
		    mirror_skip(&m->t[id - NF_SET_DATA_MIN], &set) == 0) {
			REQUIRE(m->nrecords < MIRROR_FLOWS);
			m->record[m->nrecords++] = id - NF_SET_DATA_MIN;
		}
	}
}

/* The oldest flow of the template that was not seen. */
static inline size_t
mirror_was(struct mirror *m)
{
	size_t i, of;

	REQUIRE(m->at < MIRROR_FLOWS);
	of = m->record[m->at++];
	for (i = 0; i < m->n; i++)
		if (!m->told[i] && m->of[i] == of)
			break;
	REQUIRE(i < m->n);
	m->told[i] = true;
	m->seen++;
	return (i);
}

static void
mirror_decoded(void *arg, struct flow *is)
{
	struct mirror *m = arg;
	const struct mirror_template *t;
	const struct flow *was;
	size_t i;

	i = mirror_was(m);
	was = &m->f[i];
	t = &m->t[m->of[i]];
	for (i = 0; i < t->n; i++)
		check_element(m, t, &t->field[i], was, is);
	check_uptimes(m, t, was, is);
	check_flow(is);
}

static void
mirror_message(void *arg, const struct enc_message *msg)
{
	struct mirror *m = arg;
	struct dec_source src = {.agent = {.family = ADDR_V4, .b = {10}},
	    .recv_time = m->now};
	struct dec_report r;
	uint8_t *copy = malloc(msg->len);

	REQUIRE(copy != NULL);
	memcpy(copy, msg->data, msg->len);
	REQUIRE(msg->len <= m->config.payload);
	mirror_records(m, rd_init(copy, msg->len));
	REQUIRE(
	    decode_packet(m->d, &src, rd_init(copy, msg->len), &r) == DEC_OK);
	REQUIRE(r.flows == msg->flows && r.version == m->version);
	REQUIRE((r.templates > 0) == msg->templates);
	REQUIRE(r.seq_lost == 0 && r.seq_reordered == 0 &&
	    r.seq_duplicates == 0 && r.seq_reset == 0);
	REQUIRE(r.sets_no_template == 0 && r.sets_skipped == 0);
	/* RFC 3954 5.1, and that of the older ones. */
	if (m->version != NF_IPFIX)
		REQUIRE(be16(copy + 2) == r.flows + r.options + r.templates);
	else
		REQUIRE(be16(copy + 2) == msg->len);
	m->flows += msg->flows;
	free(copy);
}

#endif /* FUZZ_MIRROR_CHECK_H */
