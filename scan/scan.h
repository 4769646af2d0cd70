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
 * How flows of files are read: what there is to read, the bytes, and their
 * blocks and records as jobs, one after the other.  Inside of scan/, and for
 * flowd-reader.  Never logs and never exits: what is wrong is told.
 */

#ifndef SCAN_H
#define SCAN_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/batch.h"
#include "archive/rows.h"
#include "archive/segname.h"
#include "query/consumer.h"
#include "scan/reading.h"
#include "store.h"

/* No offset: the file as a whole. */
#define SCAN_NOWHERE UINT64_MAX

/* What could not be read of logs and segments. */
struct damage {
	uint64_t places;
	uint64_t bytes;
};

/* Flows of another kind of files, one by one: captures. */
struct scan_source {
	void *(*open)(void *arg); /* NULL: no memory */
	void (*next)(void *source, const char *path);
	bool (*more)(void *source); /* some flows; false: that was all */
	uint64_t (*taken)(const void *source);
	void (*close)(void *source);
};

/* What was told, and waits for its turn. */
struct told;

/* How it is done, and what came of it. */
struct scan {
	int64_t since, until; /* ns since 1970, INT64_MIN, INT64_MAX: any */
	uint64_t head;	      /* flows of each file, 0: all */
	bool legacy;	      /* logs are of version 2, or wrong */
	bool strict;	      /* what is not complete is damage, always */
	bool trust;	      /* no checksums of logs, if many at a time */
	bool fields_only;     /* of logs: which they have, no flows */
	bool follow;	      /* what is not complete may become so */
	bool maps;	      /* segments are mapped, with a SIGBUS handler */
	int open_most;	      /* descriptors that may be open at once */
	unsigned int reports; /* of damaged places of a file that are told */
	scan_tell *tell;      /* or NULL */
	bool (*stop)(void *arg); /* or NULL */
	/* a log begins; started: when, in s, of version 2; or NULL */
	void (*begun)(void *arg, const char *path, const uint32_t *started);
	void *arg; /* of these */
	/* a flow of a log or a capture */
	void (*take)(void *taker, struct store_record *);
	/*
	 * Or of a log, many at a time: room for them, other than what it gave
	 * before if that is full; NULL: no memory.  No such function: take.
	 */
	struct flat *(*room)(void *taker, bool full);
	void *taker;
	const struct scan_source *captures; /* or NULL */
	/*
	 * Where jobs are done ahead, what their files tell waits until they are
	 * done with: told[0] is the first, told[1] the last.
	 */
	bool ahead;
	uint64_t number; /* of the next job */
	struct told *told[2];
	uint64_t log_bytes; /* of logs and captures, read */
	uint32_t fields;    /* groups of the records of logs, STORE_x */
	struct damage damage;
	bool nomem; /* memory was wanted: that is the end */
};

/* scan.c: all, for the whole of each file. */
void scan_init(struct scan *);
/* To whoever wants to know. */
void scan_say(struct scan *, enum scan_fault, const char *path, uint64_t offset,
    const char *fmt, ...) __attribute__((__format__(printf, 5, 6)));
/* The same, without waiting: by who puts out what the jobs gave. */
void scan_say_now(struct scan *, enum scan_fault, const char *path,
    uint64_t offset, const char *fmt, ...)
    __attribute__((__format__(printf, 5, 6)));
/* What was told before a job was given, and the next of them; NULL: none. */
struct told *scan_told(struct scan *, uint64_t number);
/* Now; frees them. */
void scan_tell_all(struct scan *, struct told *);
/* It cannot be read: errno. */
void scan_errno(struct scan *, const char *path);
/* Counted, too. */
void scan_damage(struct scan *, uint64_t bytes);
bool scan_stopped(const struct scan *);

/*
 * input.c: the bytes of a file, or standard input for "-", inflated if it
 * begins like gzip or zstd.
 */
struct input;

/* NULL and errno.  Borrows the path. */
struct input *input_open(const struct scan *, const char *path);
/* Of bytes, borrowed. */
struct input *input_bytes(const uint8_t *, size_t);
void input_close(struct input *);
/* Bytes read; 0 at the end, at least for now; -1 and errno. */
ssize_t input_read(struct input *, void *, size_t);
/*
 * The first bytes, INPUT_PEEK at most, before any was read: they will be read
 * again.  Returns how many there are; to has room for INPUT_PEEK.
 */
#define INPUT_PEEK 512
size_t input_peek(struct input *, uint8_t *to);
/* Bytes of the file itself that were read. */
uint64_t input_taken(const struct input *);
/* What is wrong with its compression, or NULL; to be asked at the end. */
const char *input_damage(const struct input *);

enum input_change {
	INPUT_SAME,
	INPUT_REPLACED, /* another file has its name now */
	INPUT_CUT,	/* shorter than what was read of it */
};

/* What became of a file that is followed. */
enum input_change input_watch(const struct input *);

/* files.c: what there is to read. */
enum file_kind {
	FILE_LOG,
	FILE_SEGMENT, /* can be mapped */
	FILE_STREAM,  /* a segment that comes through a pipe or is compressed */
	FILE_CAPTURE,
};

struct file {
	char *path;
	enum file_kind kind;
	int fd;		  /* of a segment, open; -1 */
	struct input *in; /* open already: standard input and pipes; NULL */
	const uint8_t *p; /* all of it, borrowed; or NULL */
	bool named;	  /* by the rules of segname.h */
	struct segname name;
	int64_t first;	/* ns, to sort by */
	uint64_t bytes; /* as stored; 0 if it is not known */
};

struct files {
	struct file *all;
	size_t n, size;
	bool archive; /* a directory with segments, or a segment */
	bool failed;  /* a directory was not read */
	uint64_t bytes;
	char **dirs; /* borrowed: directories among the arguments */
	int ndirs;
};

/* All that the paths name; borrows them.  What is wrong is told. */
void files_find(struct files *, struct scan *, char *const *paths, size_t n);
/* Bytes as the only file; borrows them.  False: no memory. */
bool files_bytes(struct files *, struct scan *, const void *, size_t,
    const char *name);
void files_clear(struct files *);
/* One more, with its path copied.  NULL: no memory. */
struct file *files_add(struct files *, struct scan *, const char *path);
/* Closes a segment that takes a descriptor too many: it is opened in its turn.
 */
void file_spare(struct file *, const struct scan *);
/* Looks at its first bytes.  False if it cannot be read. */
bool file_look(struct file *, const struct scan *);
/* Of a file in a directory: are there flows in it?  Sets first. */
bool file_has_flows(struct file *, const struct scan *);

/*
 * walk.c: the files below a directory that a question needs, in the order of
 * their times.  False if it cannot be read, or, when flows are expected, has
 * none; which was told.
 */
bool archive_find(struct files *, struct scan *, const char *dir,
    bool expected);

/* flowlog.c: a log, piece by piece.  Takes the input if there is one. */
struct log;
/* NULL: told. */
struct log *log_open(struct scan *, const char *path, struct input **);
/* As it is, or once it is there; NULL: no memory. */
struct log *log_expect(struct scan *, const char *path, bool *there);
/* False: that was all. */
bool log_more(struct log *);
uint64_t log_taken(const struct log *);
/* One look at a log that is followed: what came, and from a new one. */
void log_watch(struct log *);
void log_close(struct log *);
/* Groups of the records so far, STORE_x. */
uint32_t log_fields(const struct log *);

#endif /* SCAN_H */
