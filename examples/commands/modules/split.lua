-- SPDX-License-Identifier: BSD-3-Clause
--- Splits a file into parts.
return vt.command {
  name = "split", doc = "Splits a file into parts of a number of lines.",
  program = "split",
  arguments = {
    { "--numeric-suffixes", when = "numbered" }, "-l", "{lines}", "{input}", "{parts}/part-",
  },
  inputs = {
    input = "file",
    lines = { "integer", default = 1000 },
    numbered = { "boolean", default = true },
  },
  outputs = { parts = { "list<file>", glob = "part-*" } },
}
