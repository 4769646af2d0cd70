# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""What the programs flowd-stats, flowd-sql, flowd-suspects, flowd-rrd and
flowd-logsock are made of.  Theirs alone: it may change."""
