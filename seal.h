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
 * The process that seals segments: started by the parent (sealing.h), with the
 * segments to read and the file to write as descriptors, confined, at idle
 * priority.  flowd -Pseal LEVEL INPUTS [-v]: the level of zstd, and how many
 * inputs there are.
 */

#ifndef SEAL_H
#define SEAL_H

/*
 * Its descriptors: a socket for the report, whose end the parent closes to
 * stop it; the output, for appending; the inputs, in the order of their time.
 */
#define SEAL_REPORT_FD 3
#define SEAL_OUTPUT_FD 4
#define SEAL_INPUT_FD 5

#define SEAL_INPUTS 512 /* at most */

/* How it ended.  Only of SEAL_DONE is the output worth something: on disk. */
enum seal_end { SEAL_DONE, SEAL_MEMORY, SEAL_READ, SEAL_WRITE, SEAL_ENDS };

/*
 * The report, one message, as cursors write it: u32 enum seal_end, u32 errno,
 * then struct reseal_totals, u64 each.
 */
#define SEAL_REPORT_LEN (4 + 4 + 9 * 8)

/* main() of flowd -Pseal.  Its exit status. */
int seal_main(int argc, char **argv);

#endif /* SEAL_H */
