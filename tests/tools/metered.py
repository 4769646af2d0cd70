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
"""metered.py [-n] COLUMN,... COMMAND...: what a meter exports.

Runs the command, with {port} in it replaced by a port that takes UDP, until it
ends, and prints the chosen columns of each flow that was exported, as decodehex
reads them, sorted.  A column that a flow has not is "-"; start and end are
seconds behind 1700000000.  What the command prints goes to metered.out, the
datagrams go to metered.hex, and what decodehex says of each to metered.report,
in the current directory.  With -n only the number of flows is printed.  The
status is that of the command.
"""

import json
import os
import select
import socket
import subprocess
import sys

T0 = 1700000000


def receive(command):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    s.bind(("127.0.0.1", 0))
    port = str(s.getsockname()[1])
    with open("metered.out", "wb") as out:
        child = subprocess.Popen([w.replace("{port}", port) for w in command],
                                 stdin=sys.stdin, stdout=out, stderr=out)
        got = []
        while True:
            ended = child.poll() is not None
            while select.select([s], [], [], 0 if ended else 0.02)[0]:
                got.append(s.recv(65536))
            if ended:
                return got, child.returncode


def text(flow, column):
    v = flow.get(column, "-")
    if column in ("start", "end") and v != "-":
        whole, _, part = v.rstrip("Z").partition(".")
        from datetime import datetime, timezone
        at = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(
            tzinfo=timezone.utc).timestamp() - T0
        return ("%d.%s" % (at, part)).rstrip("0").rstrip(".")
    if isinstance(v, list):
        return ",".join(str(x) for x in v)
    return str(v)


def main(args):
    number = args[:1] == ["-n"]
    columns, command = args[number].split(","), args[number + 1:]
    got, status = receive(command)
    with open("metered.hex", "w") as f:
        f.write("@ 127.0.0.1\n\n")
        for d in got:
            f.write(d.hex() + "\n\n")
    decoded = subprocess.run(
        [os.path.join(os.environ["BUILD"], "tests/bin/decodehex")],
        stdin=open("metered.hex"), stdout=subprocess.PIPE, check=True).stdout
    lines = []
    with open("metered.report", "w") as report:
        for line in decoded.decode().splitlines():
            flow = json.loads(line)
            if "result" in flow:
                report.write(line + "\n")
            else:
                lines.append(" ".join(text(flow, c) for c in columns))
    if number:
        print(len(lines))
    elif lines:
        print("\n".join(sorted(lines)))
    return status


sys.exit(main(sys.argv[1:]))
