# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""How the extension is built: by configure and make, of flowd's own sources.

They are copied into a build directory of their own, from the checkout that
this is in, or from src/ of a source distribution.  The rest is in
pyproject.toml.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

HERE = pathlib.Path(__file__).resolve().parent
MADE = {"config.h", "config.h.in", "parse.c", "parse.h"}
PATTERNS = [
    "*.c",
    "*.h",
    "Makefile",
    "config.mk.in",
    "configure.ac",
    "parse.y",
    "archive/*.[ch]",
    "bindings/python/core/*.[ch]",
    "compat/*.[ch]",
    "decode/*.[ch]",
    "encode/*.[ch]",
    "meter/*.h",
    "query/*.[ch]",
    "sandbox/*.h",
    "scan/*.[ch]",
]


def find_top():
    """The sources: of the checkout, or those that a source distribution has."""
    for top in (HERE / "src", HERE.parent.parent):
        if (top / "configure.ac").exists() and (top / "store.h").exists():
            return top
    raise SystemExit("flowd: its C sources are not here")


TOP = find_top()


def copy_sources(to):
    """Those that changed, with their times, so that make knows which."""
    for pattern in PATTERNS:
        for source in TOP.glob(pattern):
            target = to / source.relative_to(TOP)
            if source.name in MADE and source.parent == TOP:
                continue
            if target.exists() and target.stat().st_mtime == source.stat().st_mtime:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    for name in ("configure", "config.h.in"):
        if TOP.name == "src" and (TOP / name).exists():
            shutil.copy2(TOP / name, to / name)


def run(what, *command, **options):
    """A step of the build, or the end of it with what it said."""
    try:
        done = subprocess.run(command, **options)
    except FileNotFoundError:
        raise SystemExit(f"flowd: {command[0]} is needed to build it") from None
    if done.returncode != 0:
        raise SystemExit(f"flowd: {what} failed; see what it says above")


def make_configure(where):
    """autoconf is needed in a checkout only."""
    script = where / "configure"
    if script.exists() and script.stat().st_mtime >= (where / "configure.ac").stat().st_mtime:
        return
    run("autoconf", "autoconf", cwd=where)
    run("autoheader", "autoheader", cwd=where)


class BuildByMake(build_ext):
    """configure and make python, in a directory below that of setuptools."""

    def build_extension(self, ext):
        where = pathlib.Path(self.build_temp).resolve() / "flowd"
        where.mkdir(parents=True, exist_ok=True)
        copy_sources(where)
        (where / "bindings/python/flowd").mkdir(exist_ok=True)
        make_configure(where)
        if not (where / "config.mk").exists():
            run(
                "configure",
                "./configure",
                "--quiet",
                "--disable-programs",
                f"PYTHON={sys.executable}",
                cwd=where,
            )
        jobs = os.environ.get("MAKEFLAGS") or f"-j{min(os.cpu_count() or 1, 8)}"
        environment = {**os.environ, "MAKEFLAGS": jobs}
        run("make", os.environ.get("MAKE", "make"), "python", cwd=where, env=environment)
        target = pathlib.Path(self.get_ext_fullpath(ext.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(where / "bindings/python/flowd/_core.abi3.so", target)


class SourceDistribution(sdist):
    """With the C sources in src/, and configure made."""

    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        to = pathlib.Path(base_dir).resolve() / "src"
        copy_sources(to)
        shutil.copy2(TOP / "LICENSE", pathlib.Path(base_dir) / "LICENSE")
        make_configure(to)
        shutil.rmtree(to / "autom4te.cache", ignore_errors=True)


def version():
    text = (TOP / "configure.ac").read_text(encoding="utf-8")
    return re.search(r"AC_INIT\(\[flowd\], \[(.*?)\]\)", text)[1]


if sysconfig.get_config_var("Py_GIL_DISABLED"):
    raise SystemExit(
        "flowd: this Python is free-threaded, and the extension relies on the global "
        "interpreter lock: use an ordinary build of Python 3.11 or later"
    )

setup(
    version=version(),
    license="ISC",
    ext_modules=[Extension("flowd._core", [], py_limited_api=True)],
    cmdclass={"build_ext": BuildByMake, "sdist": SourceDistribution},
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
