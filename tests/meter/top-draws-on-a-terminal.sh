#!/bin/sh
# softflowctl top on a terminal: drawn as wide as that is, again when its size
# changes, and the terminal is left as it was.
. "${0%/*}/../lib.sh"
. "${0%/*}/../meter.sh"
need_tool python3

find_meter
PORT=$(free_port)
capture 5 "$WORK/t.pcap"
start_meter -a -R "$PORT" || exit 1
play "$WORK/t.pcap" "$PORT"
wait_for 5 processed 10

cat >"$WORK/terminal.py" <<'PY'
"""usage: terminal.py HOW COMMAND...: on a terminal, until it ends"""
import fcntl, os, pty, re, select, signal, struct, sys, termios, time


def size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ,
                struct.pack("HHHH", rows, columns, 0, 0))


def screens(text):
    return [re.sub("\033\\[[0-9;?]*[A-Za-z]", "", s).split("\n")
            for s in text.replace("\r", "").split("\033[H")[1:]]


master, slave = pty.openpty()
size(slave, 6, 70)
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    os.execv(sys.argv[2], sys.argv[2:])
text = ""
deadline = time.time() + 20


def read_until(done):
    global text
    while not done():
        assert time.time() < deadline, text
        if select.select([master], [], [], 0.1)[0]:
            text += os.read(master, 65536).decode()


read_until(lambda: text.count("\033[J") >= 2)
for s in screens(text):
    assert all(len(line) <= 70 for line in s[1:]), s
first = screens(text)[1]
assert first[0].startswith("5 flows, "), first
assert first[1].split()[:3] == ["PROTOCOL", "INITIATOR", "RESPONDER"], first
# Two lines above, and one is left so that nothing scrolls.
assert sum(line.startswith("udp ") for line in first) == 3, first
n = text.count("\033[J")
size(slave, 30, 120)
read_until(lambda: text.count("\033[J") >= n + 2)
last = screens(text)[-1]
assert sum(line.startswith("udp ") for line in last) == 5, last
assert 118 <= len(last[1]) <= 119, last
if sys.argv[1] == "q":
    os.write(master, b"q")
elif sys.argv[1] == "^C":
    os.write(master, b"\x03")
else:
    os.kill(pid, getattr(signal, "SIG" + sys.argv[1]))
read_until(lambda: text.endswith("\033[?1049l"))
status = os.waitpid(pid, 0)[1]
assert status == 0, status
assert termios.tcgetattr(slave) == before
assert text.startswith("\033[?1049h\033[?25l"), text[:40]
assert "\033[?25h" in text
PY

for how in q ^C TERM HUP; do
	ok "ended by $how, the terminal is as it was" python3 \
	    "$WORK/terminal.py" "$how" "$CTL" -c "$SOCK" top -s 0.1
done
ok "without a terminal it prints once" has "$(control top -s 0.1 \
    >"$WORK/once" </dev/null; echo "$WORK/once")" '^udp '
is "with no screen to draw on" "$(grep -c "$(printf '\033')" "$WORK/once")" 0
stop_meter
ok "with nobody to ask it fails" status 1 control top -1
for bad in -x "-n" "-n 0" "-n x" "-s 0" "-s 1e9" more; do
	# shellcheck disable=SC2086 # words
	ok "top $bad is refused" status 1 control top $bad
done
done_testing
