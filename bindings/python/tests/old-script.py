#!/usr/bin/env python3
# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
#
# What a program for the original module looks like when 2to3 is done with it:
# it prints, counts and copies.  Run by test_classic.py.

import getopt
import sys

import flowd


def copy_log(ifile, ofile, verbose, utc):
    if ifile == "-":
        flog = flowd.FlowLog_fromfile(sys.stdin)
    else:
        flog = flowd.FlowLog(ifile, "rb")
    out = None
    if ofile is not None:
        out = flowd.FlowLog(ofile, "wb")
    octets = {}
    mask = flowd.DISPLAY_BRIEF
    if verbose:
        mask = flowd.DISPLAY_ALL
    while 1:
        flow = flog.read_flow()
        if flow is None:
            break
        print(flow.format(utc, mask))
        if flow.has_field(flowd.FIELD_SRC_ADDR | flowd.FIELD_OCTETS):
            octets[flow.src_addr] = octets.get(flow.src_addr, 0) + flow.octets
        flow.data["seen"] = 1
        if out is not None:
            out.write_flow(flow, fieldmask=flowd.FIELD_ALL & ~flowd.FIELD_CRC32)
    if out is not None:
        out.file.close()
    return octets


def main():
    verbose = utc = 0
    ofile = None
    opts, args = getopt.getopt(sys.argv[1:], "o:uv")
    for opt, value in opts:
        if opt == "-o":
            ofile = value
        elif opt == "-u":
            utc = 1
        elif opt == "-v":
            verbose = 1
    total = {}
    for ifile in args:
        for key, value in list(copy_log(ifile, ofile, verbose, utc).items()):
            total[key] = total.get(key, 0) + value
    for key in sorted(total):
        sys.stderr.write("%s: %d\n" % (key, total[key]))


if __name__ == "__main__":
    main()
