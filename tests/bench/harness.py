"""Collectors under a load, one after the other: what line-rate and its like
have in common.

The load comes from processor 0, the collector has processor 1.  CPU is exact
(wait4 at the collector's end, less what it had used before the first
datagram), drops are the socket's own, and what was stored is counted by the
collector's reader.  Whatever is started here is ended here, by its number.
"""

import atexit
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", TOP)
BIN = os.path.join(BUILD, "tests/bin")
TICK = os.sysconf("SC_CLK_TCK")
SEND_CPU, TAKE_CPU = 0, 1
BUFFER = 4 << 20
RECORDS = {"v5": 30, "v9": 25, "ipfix": 25, "sflow": 6}

running = set()
work = None


def clean_up():
    for pid in list(running):
        for p in tree(pid):
            try:
                os.kill(p, signal.SIGKILL)
            except OSError:
                pass
        try:
            os.waitpid(pid, 0)
        except OSError:
            pass
    running.clear()
    if work:
        shutil.rmtree(work, True)


def begin():
    """A directory in memory, if there is one: what is measured is no disk."""
    global work
    atexit.register(clean_up)
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, lambda *_: sys.exit(130))
    where = os.environ.get("TMPDIR") or \
        ("/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")
    work = tempfile.mkdtemp(prefix="flowd-bench.", dir=where)
    os.chmod(work, 0o755)
    for program in ("flowd", "flowd-reader"):
        shutil.copy(os.path.join(BUILD, program), work)


def note(*words):
    print("#", *words, file=sys.stderr, flush=True)


def median(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else float("nan")


# Processes.

def spawn(args, cpus, out=None, user=None):
    """Alone in its session, on these processors, before others if it may."""
    pid = os.fork()
    if pid:
        running.add(pid)
        return pid
    try:
        os.setsid()
        os.sched_setaffinity(0, cpus)
        try:
            with open("/proc/self/autogroup", "w") as f:
                f.write(os.environ.get("BENCH_NICE", "-15"))
            os.setpriority(os.PRIO_PROCESS, 0, -15)
        except OSError:
            pass
        null = os.open("/dev/null", os.O_RDWR)
        log = null if out is None else os.open(
            out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(null, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, signal.SIG_DFL)
        if user and os.getuid() == 0:
            os.setgroups([])
            os.setgid(user[1])
            os.setuid(user[0])
        os.execvp(args[0], args)
    except BaseException as e:
        os.write(2, ("%s: %s\n" % (args[0], e)).encode())
    os._exit(127)


def tree(root):
    """root and all that came of it"""
    parents = {}
    for d in os.listdir("/proc"):
        if not d.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % d) as f:
                parents[int(d)] = int(f.read().rpartition(")")[2].split()[1])
        except OSError:
            pass
    found = [root] if root in parents else []
    for p in found:
        found += [c for c in parents if parents[c] == p]
    return found


def cpu_of(pid):
    """ns that it ran, all its threads, to the nanosecond"""
    ns = 0
    try:
        for t in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/schedstat" % (pid, t)) as f:
                ns += int(f.read().split()[0])
    except OSError:
        pass
    return ns


def cpu_tree(root):
    return sum(cpu_of(p) for p in tree(root)) / 1e9


def status_of(pid, word):
    try:
        with open("/proc/%d/status" % pid) as f:
            for line in f:
                if line.startswith(word + ":"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def reap(pid, timeout=60):
    """Its end: (CPU seconds with its children, status)."""
    end = time.monotonic() + timeout
    while True:
        got, status, used = os.wait4(pid, os.WNOHANG)
        if got == pid:
            running.discard(pid)
            return used.ru_utime + used.ru_stime, status, used
        if time.monotonic() > end:
            for p in tree(pid):
                os.kill(p, signal.SIGKILL)
            end += 60
        time.sleep(0.005)


def busy(cpu):
    with open("/proc/stat") as f:
        for line in f:
            w = line.split()
            if w[0] == "cpu%d" % cpu:
                v = [int(x) for x in w[1:9]]
                return (sum(v) - v[3] - v[4]) / TICK
    return 0.0


def wait_quiet(patience):
    """Until others leave both processors alone, or for so long."""
    end = time.monotonic() + patience
    while True:
        b, t = busy(SEND_CPU) + busy(TAKE_CPU), time.monotonic()
        time.sleep(0.3)
        used = busy(SEND_CPU) + busy(TAKE_CPU) - b
        if used / (time.monotonic() - t) < 0.2 or time.monotonic() > end:
            return


def free_port():
    return int(subprocess.check_output([os.path.join(BIN, "freeport")]))


def sockets(port):
    """how many, and their queues and drops"""
    n = queue = drops = 0
    with open("/proc/net/udp") as f:
        next(f)
        for line in f:
            w = line.split()
            if int(w[1].split(":")[1], 16) == port:
                n += 1
                queue += int(w[4].split(":")[1], 16)
                drops += int(w[-1])
    return n, queue, drops


# Collectors.

def nobody():
    import pwd
    try:
        p = pwd.getpwnam("nobody")
        return p.pw_uid, p.pw_gid
    except KeyError:
        return None


class Collector:
    """One that is started, stopped, and asked what it has."""
    name, suffix = "", []
    formats = ("v5", "v9", "ipfix")

    def __init__(self):
        self.port = free_port()
        self.dir = os.path.join(work, "run")
        self.log = os.path.join(work, "log")

    @classmethod
    def missing(cls):
        return None

    def start(self):
        shutil.rmtree(self.dir, True)
        os.mkdir(self.dir)
        os.chmod(self.dir, 0o777)
        open(self.log, "w").close()
        self.pid = spawn(self.command(), {TAKE_CPU}, self.log, self.user())
        end = time.monotonic() + 15
        while not self.ready():
            if time.monotonic() > end or self.pid not in tree(self.pid):
                with open(self.log) as f:
                    raise RuntimeError("%s: %s" % (self.name, f.read()))
            time.sleep(0.02)
        time.sleep(0.2)
        self.before = cpu_tree(self.pid)

    def user(self):
        return None

    def ready(self):
        return sockets(self.port)[0] > 0

    def drain(self, patience=20):
        end = time.monotonic() + patience
        while sockets(self.port)[1] and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(0.1)
        self.drops = sockets(self.port)[2]

    def stop(self):
        """CPU seconds since start, user and system apart"""
        procs = tree(self.pid)
        self.hwm = sum(status_of(p, "VmHWM") for p in procs)
        os.kill(self.pid, signal.SIGTERM)
        total, self.status, used = reap(self.pid)
        self.sys_share = used.ru_stime / total if total else 0
        return total - self.before

    def refused(self):
        return 0

    def size(self):
        n = 0
        for d, _, files in os.walk(self.dir):
            n += sum(os.stat(os.path.join(d, f)).st_size for f in files
                     if not f.endswith((".conf", ".json", "pid")))
        return n


class Flowd(Collector):
    name = "flowd"
    formats = ("v5", "v9", "ipfix", "sflow")
    lines = ()

    def user(self):
        return nobody()

    def command(self):
        conf = os.path.join(work, "flowd.conf")
        with open(conf, "w") as f:
            f.write('listen on 127.0.0.1:%d bufsize %d\n'
                    'archive "%s/archive" rotate 1d\n'
                    'statsfile "%s/stats.json"\npidfile "%s/pid"\n' %
                    (self.port, BUFFER, self.dir, self.dir, self.dir))
            f.write("".join(line + "\n" for line in self.lines))
        return [os.path.join(work, "flowd"), "-g", "-f", conf]

    def ready(self):
        with open(self.log) as f:
            return "ready" in f.read()

    def stored(self):
        """flows, octets"""
        out = subprocess.run(
            [os.path.join(work, "flowd-reader"), "--count", "--format",
             "ndjson", os.path.join(self.dir, "archive")],
            capture_output=True, text=True).stdout
        try:
            got = json.loads(out.splitlines()[0])
        except (ValueError, IndexError):
            return 0, 0
        return int(got.get("flows", 0)), int(got.get("octets", 0))

    def stats(self):
        """the statistics of now"""
        path = os.path.join(self.dir, "stats.json")
        if os.path.exists(path):
            os.unlink(path)
        os.kill(self.pid, signal.SIGUSR2)
        end = time.monotonic() + 10
        while not os.path.exists(path):
            if time.monotonic() > end:
                raise RuntimeError("no statistics")
            time.sleep(0.02)
        return self.last_stats()

    def refused(self):
        """datagrams that it counted and took nothing of"""
        t = self.last_stats()["totals"]
        return sum(t[n] for n in ("malformed", "unsupported", "not_allowed",
                                  "no_template"))

    def last_stats(self):
        with open(os.path.join(self.dir, "stats.json")) as f:
            return json.load(f)

    def warnings(self):
        with open(self.log) as f:
            return [line for line in f if re.search(
                r"warn|fail|does not|lost|error", line)]


class Nfcapd(Collector):
    name, flags = "nfcapd", []

    @classmethod
    def missing(cls):
        return None if shutil.which("nfcapd") and shutil.which("nfdump") \
            else "nfdump"

    def command(self):
        return ["nfcapd", "-p", str(self.port), "-b", "127.0.0.1", "-w",
                self.dir, "-t", "86400", "-B", str(BUFFER)] + self.flags

    def stored(self):
        out = subprocess.run(["nfdump", "-R", self.dir, "-N", "-o", "null"],
                             capture_output=True, text=True).stdout
        flows = re.search(r"total flows: (\d+)", out)
        octets = re.search(r"total bytes: (\d+)", out)
        return (int(flows.group(1)) if flows else 0,
                int(octets.group(1)) if octets else 0)


class NfcapdLz4(Nfcapd):
    name, flags = "nfcapd-lz4", ["-y"]


class Sink(Collector):
    """Receives, and nothing else."""
    name = "sink"
    records = 1
    formats = ("v5", "v9", "ipfix", "sflow")

    def command(self):
        return [os.path.join(BIN, "flowsink"), "-B", str(BUFFER),
                "127.0.0.1", str(self.port)]

    def stored(self):
        with open(self.log) as f:
            return json.load(f)["datagrams"] * self.records, None

    def size(self):
        return 0


COLLECTORS = [Flowd, NfcapdLz4, Nfcapd, Sink]


# Loads.

def load_args(port, fmt, exporters=1, rate=0, count=None, seconds=None,
              first=None):
    args = [os.path.join(BIN, "flowload"), "-f", fmt, "-a", str(exporters),
            "-r", "%.0f" % rate, "-g", "8"]
    if first:
        args += ["-b", first]
    if count is not None:
        args += ["-n", "%.0f" % count]
    if seconds is not None:
        args += ["-s", "%.3f" % seconds]
    return args + ["127.0.0.1", str(port)]


class Load:
    """A load under way."""

    def __init__(self, *args, cpus=None, **words):
        self.out = os.path.join(work, "load.%d" % time.monotonic_ns())
        self.pid = spawn(load_args(*args, **words), cpus or {SEND_CPU},
                         self.out)

    def end(self, stop=False):
        if stop:
            os.kill(self.pid, signal.SIGTERM)
        reap(self.pid, 3600)
        with open(self.out) as f:
            sent = json.load(f)
        os.unlink(self.out)
        return sent


def trial(collector, fmt, exporters=1, rate=0, count=None, seconds=None):
    """One collector under one load, from start to end: what became of it."""
    c = collector()
    if isinstance(c, Sink):
        c.records = RECORDS[fmt]
    c.start()
    b, t = busy(TAKE_CPU), time.monotonic()
    load = Load(c.port, fmt, exporters, rate=rate, count=count,
                seconds=seconds)
    sent = load.end()
    used = cpu_tree(c.pid) - c.before
    others = (busy(TAKE_CPU) - b - used) / (time.monotonic() - t)
    c.drain()
    cpu = c.stop()
    flows, octets = c.stored()
    gone = (c.drops + c.refused()) * sent["records"]
    got = dict(collector=c.name, format=fmt, exporters=exporters, rate=rate,
               sent=sent["flows"], datagrams=sent["datagrams"],
               sent_rate=sent["flows_per_second"], seconds=sent["seconds"],
               stored=flows, drops=c.drops, cpu=cpu, sys=c.sys_share,
               rss=c.hwm, size=c.size(), others=others,
               exact=gone + flows == sent["flows"],
               whole=flows == sent["flows"] and
               octets in (None, sent["octets"]) or
               fmt == "sflow" and flows == sent["flows"])
    if flows:
        got["cpu_m"] = cpu / flows * 1e6
    shutil.rmtree(c.dir, True)
    return got


def quiet_trial(*args, retries=None, patience=None, **words):
    """The same, again if others took the processor meanwhile."""
    if retries is None:
        retries = int(os.environ.get("BENCH_RETRIES", "1"))
    if patience is None:
        patience = float(os.environ.get("BENCH_PATIENCE", "5"))
    for _ in range(retries + 1):
        wait_quiet(patience)
        got = trial(*args, **words)
        if got["others"] < 0.08:
            break
    return got


def present(wanted=COLLECTORS):
    """Those that are installed; says which are not."""
    there = []
    for c in wanted:
        if c.missing():
            print("# without %s: there is no %s" % (c.name, c.missing()))
        else:
            there.append(c)
    return there


def table(name, head, rows):
    """Print it, and keep it for the page, if somebody wants it."""
    lines = ["| " + " | ".join(head) + " |",
             "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]
    print("\n".join([""] + lines + [""]), flush=True)
    where = os.environ.get("BENCH_TABLES")
    if where:
        with open(os.path.join(where, name), "w") as f:
            f.write("\n".join(lines) + "\n")
