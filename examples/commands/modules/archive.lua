-- SPDX-License-Identifier: BSD-3-Clause
--- Packs files into an archive that the user names.
return vt.command {
  name = "archive", doc = "Packs files into a tar archive, the same bytes every time.",
  program = "tar",
  arguments = {
    "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "-cf", "{archive}", "--", "{files}",
  },
  inputs = { files = "list<file>", name = "string" },
  outputs = { archive = { "file", path = "{name}.tar" } },
}
