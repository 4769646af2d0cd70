# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Charts of flowd-rrd's database, and a page that shows them."""

import html
import os

from flowdtools.cli import Failure
from flowdtools.rrdtool import rrdtool

SPANS = {"day": "-1d", "week": "-1w", "month": "-1month", "year": "-1y"}
KINDS = {"flows": "flows/s", "packets": "packets/s", "bytes": "bytes/s"}
# Distinct for the colour-blind, and in print.
COLOURS = {
    "tcp": "#0072B2",
    "udp": "#E69F00",
    "icmp": "#CC79A7",
    "gre": "#009E73",
    "esp": "#56B4E9",
    "other": "#999999",
}


def escaped(path: str) -> str:
    """Of a file's name in a definition of rrdtool."""
    return path.replace("\\", "\\\\").replace(":", "\\:")


def series(database: str, kind: str) -> list[str]:
    """One area for each protocol, stacked; with the mean, the most, the last."""
    lines = [f"COMMENT:{'':8}{'mean':>10}{'most':>10}{'last':>10}\\l"]
    for name, colour in COLOURS.items():
        lines += [
            f"DEF:{name}={escaped(database)}:{name}_{kind}:AVERAGE",
            f"AREA:{name}{colour}:{name:6}{'' if name == 'tcp' else ':STACK'}",
            *(f"GPRINT:{name}:{what}:%8.2lf%s" for what in ("AVERAGE", "MAX")),
            f"GPRINT:{name}:LAST:%8.2lf%s\\l",
        ]
    return lines


def chart(database: str, directory: str, kind: str, span: str, end: str) -> None:
    path = os.path.join(directory, f"{kind}-{span}.png")
    draft = os.path.join(directory, f".{kind}-{span}.png.{os.getpid()}")
    try:
        rrdtool(
            "graph", draft, "--imgformat", "PNG", "--width", "600", "--height", "200",
            "--end", end, "--start", f"end{SPANS[span]}", "--lower-limit", "0",
            "--title", f"{kind} by protocol, {span}", "--vertical-label", KINDS[kind],
            *series(database, kind),
        )  # fmt: skip
        # Who looks at the page never sees half a chart.
        os.replace(draft, path)
    finally:
        if os.path.exists(draft):
            os.unlink(draft)


def page(title: str) -> str:
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        '<head><meta charset="utf-8">',
        '<meta http-equiv="refresh" content="300">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{html.escape(title)}</title>",
        "<style>body { font-family: sans-serif; margin: 2em } img { max-width: 100% }</style>",
        "</head>",
        f"<body><h1>{html.escape(title)}</h1>",
    ]
    for span in SPANS:
        parts.append(f'<h2 id="{span}">{span.capitalize()}</h2>')
        for kind in KINDS:
            parts.append(f'<p><img src="{kind}-{span}.png" alt="{kind} by protocol, {span}"></p>')
    return "\n".join([*parts, "</body>", "</html>", ""])


def draw(database: str, directory: str, end: str, title: str) -> None:
    """Twelve charts and index.html, into a directory that is made."""
    if not os.path.exists(database):
        raise Failure(f"{database}: there is no such database")
    os.makedirs(directory, exist_ok=True)
    if end == "last":
        end = rrdtool("last", database).strip()
    for kind in KINDS:
        for span in SPANS:
            chart(database, directory, kind, span, end)
    draft = os.path.join(directory, f".index.html.{os.getpid()}")
    with open(draft, "w", encoding="utf-8") as file:
        file.write(page(title))
    os.replace(draft, os.path.join(directory, "index.html"))
