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
#include <sys/resource.h>

#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "confine.h"
#include "log.h"
#include "sandbox/sandbox.h"

static void
drop_privileges(void)
{
	struct passwd *pw;

	if (geteuid() != 0)
		return;
	if ((pw = getpwnam(PRIVSEP_USER)) == NULL)
		fatalx("user %s does not exist", PRIVSEP_USER);
	if (chroot(CHROOT_DIR) == -1 || chdir("/") == -1)
		fatal("chroot %s", CHROOT_DIR);
	if (setgroups(1, &pw->pw_gid) == -1 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) == -1 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) == -1)
		fatal("becoming %s", PRIVSEP_USER);
	if (pw->pw_uid == 0 || setuid(0) == 0)
		fatalx("%s is still root", PRIVSEP_USER);
}

static void
limit_resources(rlim_t descriptors)
{
	const struct rlimit none = {0, 0};
	const struct rlimit files = {descriptors, descriptors};

	if (setrlimit(RLIMIT_CORE, &none) == -1 ||
	    setrlimit(RLIMIT_NPROC, &none) == -1)
		fatal("setrlimit");
	/* A lower one that we were given stands. */
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

void
confine_signals(void)
{
	static const int ignored[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGUSR1,
	    SIGUSR2, SIGXFSZ};
	sigset_t none;
	size_t i;

	/* They are for the parent, which tells us; XFSZ becomes EFBIG. */
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
give_up(unsigned int descriptors, const char *(*sandbox_for)(void))
{
	const char *sandbox;

	limit_resources(descriptors);
	if ((sandbox = sandbox_for()) == NULL)
		fatal("sandbox");
	log_debug("sandbox: %s", sandbox);
}

/*
 * A thread has the user, the groups, the privileges and what Landlock forbids
 * of the one that makes it; the limits are the process's, and the filter of
 * system calls is put on all of its threads at once.
 */
void
confine(unsigned int descriptors, int (*threads)(void *), void *arg)
{
	drop_privileges();
	if (sandbox_threads() == -1)
		fatal("sandbox for threads");
	if (threads(arg) == -1)
		fatal("threads");
	give_up(descriptors, sandbox_collector);
}

void
confine_sealer(unsigned int descriptors)
{
	drop_privileges();
	give_up(descriptors, sandbox_sealer);
}
