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
 * Which kind of source it is, is asked once.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter/source-ops.h"

int
source_fail(struct source *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	return (-1);
}

static int
open_kind(struct source *s, const struct source_config *config)
{
	if (config->interface != NULL)
		return (capture_open(s, config));
	if (config->file != NULL)
		return (savefile_open(s, config));
	return (receiver_open(s, config));
}

static const char *
name_of(const struct source_config *config)
{
	if (config->interface != NULL)
		return (config->interface);
	return (config->file != NULL ? config->file : "psamp");
}

struct source *
source_open(const struct source_config *config, char err[SOURCE_ERRLEN])
{
	struct source *s;

	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->name = strdup(name_of(config))) == NULL) {
		(void)snprintf(err, SOURCE_ERRLEN, "%s", strerror(errno));
		source_free(s);
		return (NULL);
	}
	if (open_kind(s, config) == -1) {
		(void)snprintf(err, SOURCE_ERRLEN, "%s", s->error);
		source_free(s);
		return (NULL);
	}
	return (s);
}

void
source_free(struct source *s)
{
	if (s == NULL)
		return;
	if (s->self != NULL)
		s->ops->close(s);
	free(s->name);
	free(s);
}

enum source_state
source_read(struct source *s, int max, source_frame_fn *fn, void *arg, int *n)
{
	*n = 0;
	if (s->error[0] != '\0')
		return (SOURCE_FAILED);
	return (s->ops->read(s, max, fn, arg, n));
}

int
source_fd(const struct source *s)
{
	return (s->ops->fd(s));
}

int
source_dlt(const struct source *s)
{
	return (s->dlt);
}

const char *
source_name(const struct source *s)
{
	return (s->name);
}

uint32_t
source_ifindex(const struct source *s)
{
	return (s->ifindex);
}

bool
source_mac(const struct source *s, uint8_t mac[6])
{
	if (s->has_mac)
		memcpy(mac, s->mac, sizeof(s->mac));
	return (s->has_mac);
}

bool
source_live(const struct source *s)
{
	return (s->live);
}

void
source_losses(struct source *s, struct source_losses *losses)
{
	memset(losses, 0, sizeof(*losses));
	s->ops->losses(s, losses);
}

const char *
source_error(const struct source *s)
{
	return (s->error);
}

const char *
source_warning(const struct source *s)
{
	return (s->warning[0] == '\0' ? NULL : s->warning);
}

void
source_stop(struct source *s)
{
	s->ops->stop(s, true);
}

void
source_start(struct source *s)
{
	s->ops->stop(s, false);
}
