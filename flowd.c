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
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector.h"
#include "compat/compat.h"
#include "flowd.h"
#include "log.h"
#include "parent.h"
#include "seal.h"

static void
usage(FILE *to)
{
	fputs("usage: flowd [-dghnv] [-D macro=value] [-f file]\n", to);
}

static void
help(void)
{
	usage(stdout);
	puts("Collects NetFlow 1, 5, 7, 8, 9, IPFIX and sFlow 5.\n"
	     "\n"
	     "  -D macro=value  define a macro, above what the file says\n"
	     "  -d              stay in the foreground and tell of every flow\n"
	     "  -f file         configuration [" DEFAULT_CONFIG "]\n"
	     "  -g              stay in the foreground, log to standard error\n"
	     "  -h, --help      this\n"
	     "  -n              check the configuration and exit; with -v "
	     "print it\n"
	     "  -v              say more\n"
	     "      --version   print the version\n"
	     "\n"
	     "Signals: HUP reloads, USR1 re-opens the log, USR2 tells "
	     "statistics, TERM and INT\nstop.  See flowd(8) and "
	     "flowd.conf(5).");
}

static void
say(void *arg, bool error, const char *msg)
{
	(void)arg;
	if (error)
		log_warnx("%s", msg);
	else
		log_info("%s", msg);
}

struct conf *
options_load(const struct options *o)
{
	const struct conf_input in = {.name = o->conf_path,
	    .macros = o->macros,
	    .nmacros = o->nmacros,
	    .say = say};

	return (conf_parse(&in));
}

static void
add_macro(struct options *o, char *arg)
{
	char *value = strchr(arg, '=');

	if (value == NULL || value == arg)
		fatalx("-D %s: expected macro=value", arg);
	if (o->nmacros == MACROS_MAX)
		fatalx("-D: more than %d macros", MACROS_MAX);
	*value++ = '\0';
	o->macros[o->nmacros].name = arg;
	o->macros[o->nmacros++].value = value;
}

/* -1: go on; else the status to exit with. */
static int
parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	int ch;

	while ((ch = getopt_long(argc, argv, "D:df:ghnP:v", longs, NULL)) != -1)
		switch (ch) {
		case 'D':
			add_macro(o, optarg);
			break;
		case 'd':
			o->foreground = o->verbose = true;
			break;
		case 'f':
			o->conf_path = optarg;
			break;
		case 'g':
			o->foreground = true;
			break;
		case 'h':
			help();
			return (0);
		case 'n':
			o->check = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'V':
			puts("flowd " VERSION);
			return (0);
		default:
			usage(stderr);
			return (1);
		}
	if (optind == argc)
		return (-1);
	fprintf(stderr, "flowd: unexpected argument: %s\n", argv[optind]);
	usage(stderr);
	return (1);
}

/* How the parent starts us: -Pcollector [-v], -Pseal LEVEL INPUTS [-v]. */
static bool
is_role(int argc, char **argv, const char *role)
{
	return (argc >= 2 && strcmp(argv[1], role) == 0);
}

/* In the background there is no directory to be relative to. */
static void
absolute_paths(struct options *o, const struct conf *conf)
{
	const char *paths[] = {conf->logfile, conf->logsock, conf->pidfile,
	    conf->statefile, conf->statsfile};
	char *real;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (paths[i] != NULL && paths[i][0] != '/')
			fatalx("%s: a daemon needs the full path", paths[i]);
	if ((real = realpath(o->conf_path, NULL)) == NULL)
		fatal("%s", o->conf_path);
	o->conf_path = real;
}

/* Held locked as long as we live: a second flowd finds it so. */
static int
write_pidfile(const char *path)
{
	int fd;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
	if (fd == -1) {
		log_warn("pidfile %s", path);
		return (-1);
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		fatalx("pidfile %s: another flowd is running", path);
	if (ftruncate(fd, 0) == -1 || dprintf(fd, "%ld\n", (long)getpid()) < 0)
		log_warn("pidfile %s", path);
	return (fd);
}

static void
daemonize(struct options *o, const struct conf *conf)
{
	absolute_paths(o, conf);
	/* All that an operator could have got wrong was said by now. */
	if (daemon(0, 0) == -1)
		fatal("daemon");
	log_init("flowd", 0, o->verbose);
}

int
main(int argc, char **argv, char **envp)
{
	struct options o = {.conf_path = DEFAULT_CONFIG};
	static struct parent parent;
	char *pidfile = NULL;
	struct conf *conf;
	int pidfd = -1, status;

	title_init(argc, argv, envp);
	if (is_role(argc, argv, "-Pcollector"))
		return (collector_main(argc > 2));
	if (is_role(argc, argv, "-Pseal"))
		return (seal_main(argc, argv));
	log_init("flowd", 1, 0);
	if ((status = parse_options(&o, argc, argv)) != -1)
		return (status);
	log_init("flowd", 1, o.verbose);
	tzset();
	umask(077);
	if (self_path(argv[0], o.self, sizeof(o.self)) == -1)
		fatal("%s: cannot find myself; start me by my full path",
		    argv[0]);
	if ((conf = options_load(&o)) == NULL)
		return (1);
	if (o.check) {
		if (o.verbose)
			conf_print(conf, stdout);
		conf_free(conf);
		return (fflush(stdout) == 0 ? 0 : 1);
	}
	if (conf->pidfile != NULL && (pidfile = strdup(conf->pidfile)) == NULL)
		fatal("pidfile");
	if (proc_check() == -1 || parent_prepare(&parent, &o, conf) == -1)
		return (1);
	if (!o.foreground)
		daemonize(&o, conf);
	pidfd = write_pidfile(pidfile != NULL ? pidfile : DEFAULT_PIDFILE);
	status = parent_run(&parent);
	if (pidfd != -1)
		(void)unlink(pidfile != NULL ? pidfile : DEFAULT_PIDFILE);
	free(pidfile);
	return (status);
}
