# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""The extension; the rest is in pyproject.toml."""

from setuptools import Extension, setup

DECODE = Extension(
    "netflow._decode",
    [f"decode/{name}.c" for name in ("layout", "module", "record", "value")],
    depends=["decode/decode.h"],
    define_macros=[("Py_LIMITED_API", "0x030b0000")],
    extra_compile_args=["-std=c11", "-fvisibility=hidden"],
    py_limited_api=True,
)

# The top-level module is that of another distribution, netflow: one of them at a time.
setup(
    ext_modules=[DECODE],
    provides=["netflow"],
    obsoletes=["netflow"],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
