-- SPDX-License-Identifier: BSD-3-Clause
-- luacheck: no max line length

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

-- Parts of paths.
equal({ files.name "a/b.csv", files.name "a/b/", files.name "b" }, { "b.csv", "b", "b" })
equal({ files.stem "a/b.tar.gz", files.stem "a/.bashrc", files.stem "a" }, { "b.tar", ".bashrc", "a" })
equal({ files.suffix "a/b.tar.gz", files.suffix "a/.bashrc", files.suffix "a.b/c" }, { ".gz", "", "" })
equal({ files.parent "a/b.c", files.parent "b", files.parent "/b", files.parent "a/b/" },
  { "a", ".", "/", "a" })

if not vt then
  local ok, message = pcall(files.glob, "*")
  equal({ ok, (message:gsub("^.-:%d+: ", "")) },
    { false, "files.glob needs vtlua: Lua has no function for it" })
  print("files_test: skipped the rest: only vtlua lists directories")
  return
end

-- Finding.
local here = files.temporary_directory()
local function at(name) return here .. "/" .. name end
for _, name in ipairs { "1.csv", "2.CSV", "a/3.csv", "a/b/4.csv", "a/b/.x.csv", ".h/5.csv", "q[1].csv",
                        "é.csv", "z.tsv" } do
  files.mkdir(files.parent(at(name)))
  files.write(at(name), name)
end
assert(os.execute(("ln -s a '%s/link'; ln -s nowhere '%s/broken'"):format(here, here)))
local function found(pattern, options)
  options = options or {}
  options.directory = here
  local names = files.glob(pattern, options)
  for i, name in ipairs(names) do
    names[i] = name:sub(#here + 2)
  end
  return table.concat(names, " ")
end
equal(found "*.csv", "1.csv q[1].csv é.csv")
equal(found "?.csv", "1.csv é.csv")
equal(found "[!a-z].csv", "1.csv é.csv")
equal(found "[éq]*", "q[1].csv é.csv")
equal(found "q\\[1\\].csv", "q[1].csv")
equal(found "*.{csv,tsv}", "1.csv q[1].csv z.tsv é.csv")
equal(found "{a,a/b}/*.csv", "a/3.csv a/b/4.csv")
equal(found "**/*.csv", "1.csv a/3.csv a/b/4.csv q[1].csv é.csv")
equal(found("**/*.csv", { hidden = true }),
  ".h/5.csv 1.csv a/3.csv a/b/.x.csv a/b/4.csv q[1].csv é.csv")
equal(found "a/**", "a/3.csv a/b a/b/4.csv")
equal(found "a/**/**/4.csv", "a/b/4.csv")
equal(found "*/", "a link")
equal(found("*", { type = "directory" }), "a link")
equal(found("[!1-9qz]*", { type = "file" }), "é.csv")
equal(found "link/*.csv", "link/3.csv")
equal(found ".*", ".h")
equal(found "b*", "broken")
equal(found "nothing*", "")
equal(found "a/../1.csv", "a/../1.csv")
equal(found({ "*.tsv", "1*", "*.tsv" }), "1.csv z.tsv")
equal(found "[", "")
equal(found "{a", "")
equal(files.glob "/", { "/" })
equal(table.concat(files.list(here), " "), ".h 1.csv 2.CSV a broken link q[1].csv z.tsv é.csv")
fails("cannot list `/no/such`: No such file or directory", files.list, "/no/such")
fails(("cannot list `%s`: it is not a directory"):format(at "z.tsv"), files.list, at "z.tsv")

-- Status and hashes.
equal({ files.exists(at "a"), files.exists(at "broken"), files.is_directory(at "link") },
  { true, false, true })
local status = files.stat(at "1.csv")
equal({ status.type, status.size, math.type(status.modified), files.stat(at "no") },
  { "file", 5, "float" })
equal(files.sha256(files.write(at "hash", "abc")),
  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
equal(files.sha256(files.write(at "hash", "")),
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")

-- Copying, moving, removing.
assert(os.execute(("chmod 750 '%s'"):format(at "hash")))
equal(files.copy(at "hash", at "copy"), at "copy")
equal(files.stat(at "copy").mode, files.stat(at "hash").mode)
files.write(at "hash", ("x"):rep(1000000))
equal(#files.read(files.copy(at "hash", at "copy")), 1000000)
equal(#files.read(files.copy("/proc/self/status", at "copy")) > 100, true)
files.copy(at "a", at "tree")
equal(found("tree/**", { hidden = true }), "tree/3.csv tree/b tree/b/.x.csv tree/b/4.csv")
equal(files.move(at "copy", at "moved"), at "moved")
equal(files.exists(at "copy"), false)
if files.is_directory "/dev/shm" then
  local other = "/dev/shm/vtlua-files-test-" .. files.name(os.tmpname())
  files.move(at "tree", other)  -- another file system
  equal({ files.exists(at "tree"), files.read(other .. "/b/4.csv") }, { false, "a/b/4.csv" })
  files.move(other, at "tree")
end
equal({ files.remove(at "moved"), files.remove(at "moved") }, { true, false })
equal(files.remove(at "link", { recursive = true }), true)
equal(files.exists(at "a/3.csv"), true)
equal({ files.remove(at "tree", { recursive = true }), files.exists(at "tree") }, { true, false })
local function refuses(message, ...)
  fails(message:gsub("HERE", (here:gsub("%%", "%%%%"))), ...)
end
refuses("cannot copy `HERE/no`: No such file or directory", files.copy, at "no", at "x")
refuses('cannot copy to `HERE/a`: it is a directory; write files.join("HERE/a", "1.csv")', files.copy,
  at "1.csv", at "a")
refuses("cannot copy `HERE/1.csv`: the directory 'HERE/no' does not exist; files.mkdir makes it",
  files.copy, at "1.csv", at "no/x")
refuses("cannot copy `HERE/a`: the copy would be inside of it", files.copy, at "a", at "a/c")
refuses("cannot move `HERE/no`: No such file or directory", files.move, at "no", at "x")
refuses("cannot remove `HERE/a`: Directory not empty; files.remove(path, { recursive = true }) removes "
  .. "what is in it", files.remove, at "a")
refuses("cannot remove `.`: it is the root, the current directory or one above it", files.remove, ".",
  { recursive = true })
refuses("cannot make the directory `HERE/1.csv`: File exists", files.mkdir, at "1.csv")
refuses("files.glob: unknown option `hiden`; did you mean `hidden`?", files.glob, "*", { hiden = true })
refuses('files.glob: `type` must be "file" or "directory", got dir', files.glob, "*", { type = "dir" })
refuses("files.glob: pattern: expected a file's path, got number", files.glob, 3)
refuses("files.glob: expected a table of options, got string", files.glob, "*", "x")

-- Temporary files.
local temporary = files.temporary { suffix = ".csv" }
equal({ temporary:sub(-4), files.stat(temporary).size, temporary == files.temporary() },
  { ".csv", 0, false })
refuses('files.temporary: `suffix` must be a text such as ".csv", got a/b', files.temporary,
  { suffix = "a/b" })
local left = io.popen(arg[-1] .. [[ -e 'io.write(require("files").temporary_directory())']]):read("a")
equal({ left ~= "", files.exists(left) }, { true, false })
