# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""The rest is in pyproject.toml."""

from setuptools import setup

setup(version="1.0.0")
