#!/usr/bin/env python3
# Copyright (c) 2026 The flowd authors
#
# Permission to use, copy, modify, and distribute this software for any
# purpose with or without fee is hereby granted, provided that the above
# copyright notice and this permission notice appear in all copies.
#
# THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
# WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
# MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
# ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
# WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
# ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
# OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
"""anyoptions.py RUNS COMMAND...: the command with options by chance

The options are those that its --help names, half of their values nonsense; each
second run has them in a file.  Each run must end with status 0, or with 1 and
a line that says why, and not in another way.  The seed is fixed: a run is told
by its number.
"""

import random
import re
import subprocess
import sys
import tempfile

GOOD = ["0", "1", "5", "9", "10", "255", "8192", "90s", "udp=5", "active=1",
        "127.0.0.1:9", "[::1]:9", "vlan", "ether", "ip", "milli", "udp",
        "psamp", "yes", "no", "lo", "127.0.0.1", "2:0:5e:10:0:1", "0660",
        "none", "tcp.fin=0", "maxlife=1h", "3:lo", "nobody"]
BAD = ["", "-1", "4294967296", "99999999999999999999", "0x10", "x", "=", ":",
       "udp=", "a" * 300, "%s%n", "\\", "\"", "[", "1.5", " ", "#", ",,,",
       "host:", "\u00fc", "1e9", "-", "--", "00000000000000000000007"]
ENDS = {"help", "version", "config", "read", "interface", "receive", "chroot"}


def words_of(usage):
    found = re.findall(r"--([a-z0-9-]+)(?: ([^ \n]+))?(?:  |\n)", usage)
    return [(w, arg) for w, arg in found if w not in ENDS]


def choose(rng, words):
    out = []
    for _ in range(rng.randrange(1, 7)):
        word, arg = rng.choice(words)
        value = None
        if arg:
            value = rng.choice(rng.choice((GOOD, BAD)))
        out.append((word, value))
    return out


def arguments(rng, options, path):
    if rng.random() < 0.5:
        with open(path, "w", encoding="utf-8") as f:
            for word, value in options:
                f.write(word + ("" if value is None else " " + value) + "\n")
        return ["--config", path]
    out = []
    for word, value in options:
        out += ["--" + word] + ([] if value is None else [value])
    return out


def main():
    runs, command = int(sys.argv[1]), sys.argv[2:]
    usage = subprocess.run(command + ["--help"], stdout=subprocess.PIPE,
                           text=True, check=True).stdout
    words, rng, wrong = words_of(usage), random.Random(1), 0
    accepted = refused = 0
    with tempfile.NamedTemporaryFile() as conf:
        for n in range(runs):
            args = arguments(rng, choose(rng, words), conf.name)
            done = subprocess.run(command + args, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, timeout=30,
                                  stderr=subprocess.PIPE, check=False)
            accepted += done.returncode == 0
            refused += done.returncode == 1
            if done.returncode == 0 or (done.returncode == 1 and done.stderr):
                continue
            wrong += 1
            print(n, args, done.returncode, done.stderr[-300:])
    print(f"{len(words) > 20} {accepted > runs // 50} {refused > runs // 4} "
          f"{wrong}")


if len(sys.argv) < 3:
    sys.exit(__doc__)
main()
