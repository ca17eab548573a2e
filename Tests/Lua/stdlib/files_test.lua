-- SPDX-License-Identifier: BSD-3-Clause

local files = require "files"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, fails = expect.equal, expect.fails

equal(files.join("a", "b"), "a/b")
equal(files.join("a/", "b"), "a/b")
equal(files.join("a", "/b"), "/b")
equal(files.join(nil, "b"), "b")
equal(files.join("", "b"), "b")

local path = os.tmpname()
local bytes = "\0\r\n\xFF"
equal(files.write(path, bytes), path)
equal(files.read(path), bytes)
equal(files.exists(path), true)
equal(files.write(path, ""), path)
equal(files.read(path), "")
os.remove(path)
equal(files.exists(path), false)

fails(("cannot read `%s`: No such file or directory"):format(path), files.read, path)
fails("cannot write `" .. path .. "/no/a.txt`: No such file or directory; "
  .. "the directory must exist and be writable", files.write, path .. "/no/a.txt", "x")
fails("cannot read `/`: Is a directory", files.read, "/")
fails("text: expected a string, got number", files.write, path, 1)
fails("path: expected a file's path, got an empty string", files.read, "")
fails("path: expected a file's path, got nil", files.write, nil, "x")
equal(files.exists(path), false)

-- What cannot be put in its place leaves nothing behind, and the old file stays.
local directory = os.tmpname()
os.remove(directory)
assert(os.execute(("mkdir -p '%s/taken/full'"):format(directory)))
fails(("cannot write `%s/taken`: Is a directory"):format(directory),
  files.write, directory .. "/taken", "x")
local listing <close> = assert(io.popen(("ls '%s'"):format(directory)))
equal(listing:read("a"), "taken\n")
assert(os.execute(("rm -r '%s'"):format(directory)))
