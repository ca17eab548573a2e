-- SPDX-License-Identifier: BSD-3-Clause
--- The checksum of a file, as text.
return vt.command {
  name = "checksum", program = "sha256sum", doc = "The SHA-256 of a file.",
  inputs = { input = "file" }, outputs = { text = "string" },
  stdin = "input", stdout = "text",
}
