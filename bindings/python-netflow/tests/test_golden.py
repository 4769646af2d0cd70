# Copyright (c) 2026 The flowd authors
# SPDX-License-Identifier: ISC
"""What the original made of the same packets, but for its defects."""

import copy
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[3]
COMPAT = Path(os.environ.get("FLOWD_SHARED", TOP.parent / "shared")) / "compat"
SEQUENCE = "flowd-fixture-sequence"

Results = dict[str, Any]


def malformed(text: str) -> dict[str, str]:
    """Return what golden.py says of a packet that is none."""
    return {"exception": "netflow.utils.MalformedPacket", "message": text}


def differences(results: Results) -> None:
    """Turn the original's results into ours: the table "Differences" of README.md."""
    packets = results[SEQUENCE]["packets"]
    # Padding behind option records is no record.
    del packets[8]["options"][1]
    # Bytes that happen to be text are a packet all the same.
    packets[13] = {
        "exception": "netflow.utils.UnknownExportVersion",
        "message": "Unknown NetFlow version 8 for data b'\\x00\\x08\\x00\\x01\\x00\\x0...",
    }
    packets[15] = copy.deepcopy(packets[1])
    packets[15].update(flow_class=[], flows=[], repr="<ExportPacket v5 with 0 records>")
    packets[15]["header"].update(count=0, engine_id=0, engine_type=0, sampling_interval=0)
    packets[15]["header"].update(sequence=1)
    packets[16] = malformed("1 bytes have no version")
    # What is cut off is no struct.error.
    packets[14] = malformed("2 records of 48 bytes are not in 72 bytes")


@unittest.skipUnless(COMPAT.is_dir(), f"there is no {COMPAT}")
class Golden(unittest.TestCase):
    """golden.py is the measuring page's own."""

    maxDiff = 4000

    def test_known_packets_give_what_the_original_gave_but_for_its_defects(self) -> None:
        want = json.loads((COMPAT / "netflow-golden.json").read_text())
        differences(want)
        script, data = COMPAT / "golden.py", COMPAT / "netflow-golden-input.json"
        done = subprocess.run(
            [sys.executable, script, data], stdout=subprocess.PIPE, check=True, timeout=60
        )
        got = json.loads(done.stdout)
        self.assertEqual(sorted(got), sorted(want))
        for name in want:
            for number, packet in enumerate(want[name]["packets"]):
                self.assertEqual(got[name]["packets"][number], packet, f"{name} {number}")
            self.assertEqual(got[name]["templates_after"], want[name]["templates_after"])

    def test_names_and_types_of_fields_are_the_original_s(self) -> None:
        from netflow import ipfix, v9

        tables = json.loads((COMPAT / "netflow-tables.json").read_text())
        for name in ("V9_FIELD_TYPES", "V9_SCOPE_TYPES"):
            got = {str(number): text for number, text in getattr(v9, name).items()}
            self.assertEqual(got, tables[name])
        self.assertEqual(v9.V9_FIELD_TYPES_CONTAINING_IP, tables["V9_FIELD_TYPES_CONTAINING_IP"])
        fields = [list(row) for row in ipfix.IPFIXFieldTypes.iana_field_types]
        self.assertEqual(fields, tables["iana_field_types"])
        types = [list(row) for row in ipfix.IPFIXDataTypes.iana_data_types]
        self.assertEqual(types, tables["iana_data_types"])


if __name__ == "__main__":
    unittest.main()
