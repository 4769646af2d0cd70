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
 * The main function of a fuzz target where there is no libFuzzer: runs it on
 * every file given, on every file of a directory given, or on standard input.
 * That is how corpora are replayed and how AFL drives it.
 * "N inputs" at the end says that all of them were.
 */

#include <sys/types.h>
#include <sys/stat.h>

#include <dirent.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct input {
	struct input *next;
	size_t len;
	uint8_t data[];
};

static struct input *first;
static struct input **last = &first;

/* All is read before any is run: a target may give up its rights. */
static void
read_stream(FILE *fp, const char *name)
{
	static uint8_t buf[INPUT_MAX];
	struct input *in;
	size_t len;

	len = fread(buf, 1, sizeof(buf), fp);
	if (ferror(fp))
		err(1, "%s", name);
	if ((in = malloc(sizeof(*in) + len)) == NULL)
		err(1, NULL);
	memcpy(in->data, buf, len);
	in->len = len;
	in->next = NULL;
	*last = in;
	last = &in->next;
}

/* In memory of just that size, so that a checker sees a step too far. */
static void
run_input(const struct input *in)
{
	uint8_t *exact;

	if ((exact = malloc(in->len > 0 ? in->len : 1)) == NULL)
		err(1, NULL);
	memcpy(exact, in->data, in->len);
	LLVMFuzzerTestOneInput(exact, in->len);
	free(exact);
}

static void read_path(const char *);

static void
read_directory(const char *path)
{
	struct dirent **names;
	char *file;
	size_t size;
	int i, n;

	if ((n = scandir(path, &names, NULL, alphasort)) == -1)
		err(1, "%s", path);
	for (i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.') {
			size = strlen(path) + strlen(names[i]->d_name) + 2;
			if ((file = malloc(size)) == NULL)
				err(1, NULL);
			snprintf(file, size, "%s/%s", path, names[i]->d_name);
			read_path(file);
			free(file);
		}
		free(names[i]);
	}
	free(names);
}

static void
read_path(const char *path)
{
	struct stat sb;
	FILE *fp;

	if (stat(path, &sb) == -1)
		err(1, "%s", path);
	if (S_ISDIR(sb.st_mode)) {
		read_directory(path);
		return;
	}
	if ((fp = fopen(path, "r")) == NULL)
		err(1, "%s", path);
	read_stream(fp, path);
	fclose(fp);
}

int
main(int argc, char *argv[])
{
	struct input *in;
	unsigned long n = 0;
	int i;

	for (i = 1; i < argc; i++)
		read_path(argv[i]);
	if (argc == 1)
		read_stream(stdin, "stdin");
	while ((in = first) != NULL) {
		first = in->next;
		run_input(in);
		free(in);
		n++;
	}
	printf("%lu inputs\n", n);
	return (0);
}
