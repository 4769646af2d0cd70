# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""A day of an office's traffic, made up, and the same each time: for docs/python.md."""

import math
import random
from collections.abc import Iterator

import flowd

MIDNIGHT = 1_795_219_200  # 2026-11-21T00:00:00Z
DAY = 86_400
SERVICES = (  # protocol, port, weight, mean octets
    (6, 443, 50, 60_000),
    (17, 443, 20, 120_000),
    (17, 53, 40, 180),
    (6, 80, 6, 20_000),
    (6, 22, 1, 400_000),
    (6, 25, 2, 30_000),
    (17, 123, 4, 90),
)
WEIGHTS = [weight for _, _, weight, _ in SERVICES]


def busy(second: int) -> float:
    """How much is going on: most at 14:00, little at night."""
    return 0.15 + math.exp(-(((second / 3600 - 14) / 4) ** 2))


def flow(rng: random.Random, second: int) -> flowd.Flow:
    protocol, port, _, mean = rng.choices(SERVICES, WEIGHTS)[0]
    octets = 40 + int(rng.expovariate(1 / mean))
    end = (MIDNIGHT + second) * 10**9 + rng.randrange(10**9)
    return flowd.Flow(
        recv_time=end + 10**9,
        agent="192.0.2.1",
        src_addr=f"10.0.{rng.randrange(4)}.{1 + int(60 * rng.random() ** 2)}",
        dst_addr=f"198.51.100.{1 + int(200 * rng.random() ** 3)}",
        src_port=rng.randrange(32_768, 61_000),
        dst_port=port,
        protocol=protocol,
        tcp_flags=0x1B if protocol == 6 else 0,
        packets=1 + octets // 900,
        octets=octets,
        start=end - int(rng.expovariate(1 / 5) * 10**9),
        end=end,
        in_if=1,
        out_if=2,
    )


def scan(rng: random.Random) -> Iterator[flowd.Flow]:
    """One host that tries 4,000 others on port 23, within ten minutes."""
    for i in range(4_000):
        at = (MIDNIGHT + 3 * 3600 + i * 600 // 4_000) * 10**9
        yield flowd.Flow(
            recv_time=at + 10**9,
            agent="192.0.2.1",
            src_addr="10.0.3.66",
            dst_addr=f"203.0.{113 + i // 250}.{1 + i % 250}",
            src_port=rng.randrange(1024, 61_000),
            dst_port=23,
            protocol=6,
            tcp_flags=0x02,
            packets=1,
            octets=40,
            start=at,
            end=at,
            in_if=1,
            out_if=2,
        )


def flows(count: int = 100_000) -> list[flowd.Flow]:
    """All flows of the day, in the order of their arrival."""
    rng = random.Random(2026)
    weights = [busy(minute * 60) for minute in range(DAY // 60)]
    minutes = rng.choices(range(DAY // 60), weights, k=count)
    made = [flow(rng, minute * 60 + rng.randrange(60)) for minute in minutes]
    made += scan(rng)
    return sorted(made, key=lambda f: f.recv_time or 0)
