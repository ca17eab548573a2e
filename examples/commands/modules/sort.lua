-- SPDX-License-Identifier: BSD-3-Clause
--- Sorts the lines of a file, or merges sorted files.
return vt.command {
  name = "sort", doc = "Sorts lines, or merges sorted files.",
  program = "sort",
  arguments = {
    { "-m", when = "merges" }, { "-n", when = "numeric" }, { "-k", "{key}" },
    "-o", "{output}", "{inputs}",
  },
  inputs = {
    inputs  = "list<file>",
    merges  = { "boolean", default = false, doc = "the files are sorted already" },
    numeric = { "boolean", default = false },
    key     = { "string", optional = true, doc = "such as 2,2" },
  },
  outputs = { output = { "file", suffix = ".txt" } },
  env = { LC_ALL = "C" },
}
