-- SPDX-License-Identifier: BSD-3-Clause
--- Counts words, the most frequent first.
return vt.command {
  name = "frequencies", doc = "Counts the words of files, by a command line.",
  shell = "cat {texts} | tr -cs A-Za-z '\\n' | tr A-Z a-z | "
    .. "sort | uniq -c | sort -k1,1nr -k2 | head -n {most}",
  inputs = { texts = "list<file>", most = { "integer", default = 3 } },
  outputs = { lines = "list<string>" },
  stdout = "lines",
  env = { LC_ALL = "C" },
}
