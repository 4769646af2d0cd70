# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""Runs the unittests of a directory and says in TAP what became of each.

usage: unittest-tap.py DIRECTORY [PATTERN]    (test_*.py)

The name of a test becomes its sentence: test_a_short_packet_is_refused.
"""

import sys
import unittest


def sentence(test: unittest.TestCase) -> str:
    """Return what a test promises."""
    name = test.id().rsplit(".", 1)[-1].removeprefix("test_")
    return name.replace("_", " ")


class Tap(unittest.TestResult):
    """Prints a line of TAP for each test."""

    def _line(self, word: str, test: unittest.TestCase, note: str = "") -> None:
        print(f"{word} {self.testsRun} - {sentence(test)}{note}", flush=True)

    def _failed(self, test: unittest.TestCase, kind: str) -> None:
        self._line("not ok", test)
        self._part_failed = False
        self._diagnose(kind)

    def _diagnose(self, kind: str) -> None:
        listed = self.failures if kind == "failures" else self.errors
        for line in listed[-1][1].splitlines():
            print(f"# {line}", file=sys.stderr)

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._part_failed = False

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self._line("ok", test)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self._line("ok", test, f" # SKIP {reason}")

    def addFailure(self, test: unittest.TestCase, err) -> None:  # type: ignore[no-untyped-def]
        super().addFailure(test, err)
        self._failed(test, "failures")

    def addSubTest(self, test, subtest, err) -> None:  # type: ignore[no-untyped-def]
        super().addSubTest(test, subtest, err)
        if err is None:
            return
        print(f"# {subtest}", file=sys.stderr)
        kind = "failures" if issubclass(err[0], test.failureException) else "errors"
        self._diagnose(kind)
        self._part_failed = True

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        # Of a test whose parts failed nothing else is called.
        if self._part_failed:
            self._line("not ok", test)

    def addError(self, test: unittest.TestCase, err) -> None:  # type: ignore[no-untyped-def]
        super().addError(test, err)
        if isinstance(test, unittest.TestCase):
            self._failed(test, "errors")
            return
        # setUpClass and the like: no test of its own.
        self.testsRun += 1
        print(f"not ok {self.testsRun} - {test}", flush=True)
        print(err[1], file=sys.stderr)


def main(argv: list[str]) -> int:
    """Run what argv says; 0 if nothing failed."""
    if len(argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    pattern = argv[2] if len(argv) == 3 else "test_*.py"
    result = Tap()
    unittest.defaultTestLoader.discover(argv[1], pattern).run(result)
    if result.testsRun == 0:
        print("1..0 # SKIP no test fits the pattern")
        return 0
    print(f"1..{result.testsRun}")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
