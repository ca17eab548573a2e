-- SPDX-License-Identifier: BSD-3-Clause
--- Compresses a file.
return vt.command {
  name = "gzip", doc = "Compresses a file with gzip.",
  program = "gzip",
  arguments = { "-n", "-{level}", "-c" },  -- -n: no time and no name, for the same bytes every time
  inputs = {
    input = "file",
    level = { "integer", default = 6, min = 1, max = 9, doc = "1 is fast, 9 is small" },
  },
  outputs = { output = { "file", suffix = ".gz" } },
  stdin = "input", stdout = "output",
  version = { "--version" },
}
