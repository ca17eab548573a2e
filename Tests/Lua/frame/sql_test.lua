-- SPDX-License-Identifier: BSD-3-Clause
-- SQL: databases in files, queries over tables, parameters, transactions, whole messages.

local files = require "files"
local frame = require "frame"
local sql = require "sql"
local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal = expect.equal

local function fails(message, f, ...)
  local ok, found = pcall(f, ...)
  assert(not ok, "no error, expected: " .. message)
  local place, text = tostring(found):match("^(.-sql_test%.lua:%d+: )(.*)$")
  equal(text or found, message)
  assert(place)
end

local path <const> = os.tmpname()
os.remove(path)
local _ <close> = setmetatable({}, { __close = function() os.remove(path) end })

-- MARK: Tables in memory

local function rows(...)
  return sql.query(...):records()
end
equal(rows("select a, b from t order by a desc", { t = { a = { 1, 2 }, b = { "x", sql.null } } }),
  { { a = 2 }, { a = 1, b = "x" } })
equal(rows("select sum(value) as s from t", { t = { 1, 2, 3 } }), { { s = 6 } })
equal(rows("select sum(value) as s from t", { t = array.from { 1.5, 2 } }), { { s = 3.5 } })
equal(rows("select c1 + c2 as s from t", { t = array.from { { 1, 2 }, { 3, 4 } } }), { { s = 3 }, {
  s = 7 } })
equal(rows("select count(*) as n, count(x) as m from t", { t = frame { x = { 1, nil, 3 } } }), { {
  n = 3, m = 2 } })
equal(rows("select a from t where b = :b", { t = { { a = 1, b = true }, { a = 2, b = false } } }, {
  b = true }),
  { { a = 1 } })
equal(sql.query("select 1 as i, 1.5 as f, 'x' as t, null as n, x'00ff' as b"):types(),
  { i = "int64", f = "float64", t = "text", n = "float64", b = "text" })
equal(rows("select x'00ff' as b"), { { b = "\0\255" } })
equal(rows("select \"a b\" as v from \"my table\"", { ["my table"] = { ["a b"] = { 7 } } }), { {
  v = 7 } })
-- integers stay exact, and numbers of several types are a list where a float cannot hold them
equal(rows("select 9007199254740993 as v union all select null"), { { v = 9007199254740993 }, {} })
equal(sql.query("select x from t where x > 9", { t = { x = { 1 } } }).x.dtype, "int64")
fails("sql.query: no such column: b, in: select b from t", sql.query, "select b from t", { t = {
  a = { 1 } } })
fails("sql.query: table `t`: expected a frame, columns by name, a list of records or an array, "
  .. "got a number",
  sql.query, "select 1", { t = 5 })
fails("sql.query: expected tables by name such as { t = rows }, got a frame",
  sql.query, "select 1", frame { a = { 1 } })
fails("sql.query: table `t` has no columns", sql.query, "select 1", { t = {} })

-- MARK: Files

fails("cannot read `nowhere.db`: No such file or directory", sql.open, "nowhere.db")
fails("sql.open: `mode` must be \"read\" or \"write\", got rw", sql.open, path, { mode = "rw" })
fails("sql.open: unknown option `mod`; did you mean `mode`?", sql.open, path, { mod = "write" })
do
  local db <close> = sql.open(path, { mode = "write" })
  equal(db:execute("create table t (a integer, b text); insert into t values (:a, :b), (2, null)",
    { a = 1, b = "o'hara" }), 2)
  equal(db:query("select * from t"):records(), { { a = 1, b = "o'hara" }, { a = 2 } })
  equal({ db:value("select b from t where a = :a", { a = 1 }), db:value("select 1 where 0") }, {
    "o'hara" })
  equal(db:insert("u", { { x = 1 }, { x = 2 } }), 2)
  equal(db:insert("u", { x = { 3 } }), 1)
  equal({ db:tables(), db:value "select count(*) from u" }, { { "t", "u" }, 3 })
  local found = {}
  for row in db:rows("select x from u where x >= :x", { x = 2 }) do
    found[#found + 1] = row.x
  end
  equal(found, { 2, 3 })
  for row in db:rows "select x from u" do
    if row.x == 1 then
      break
    end
  end
  equal(db:query("select typeof(:n) as n, typeof(:b) as b, typeof(:t) as t",
    { n = sql.null, b = sql.blob "x", t = "x" }):row(1), { n = "null", b = "blob", t = "text" })

  -- a transaction is kept or undone as a whole
  expect.fails("no", db.transaction, db, function()
    db:execute "delete from u"
    error("no", 0)
  end)
  equal(db:value "select count(*) from u", 3)
  equal(db:transaction(function(same)
    assert(same == db)
    db:execute "delete from u where x = 1"
    pcall(db.transaction, db, function()
      db:execute "delete from u"
      error "inner"
    end)
    return "done"
  end), "done")
  equal(db:value "select count(*) from u", 2)

  fails("query: the parameter ? has no name; write :name, and { name = value }",
    db.query, db, "select * from t where a = ?")
  fails("query: the parameter ?1 has no name; write :name, and { name = value }",
    db.query, db, "select * from t where a = ?1")
  fails("query: parameters go by name; write :name, and { name = value }", db.query, db, "select 1",
    { 1 })
  fails("query: the parameter `a` has no value; for NULL write sql.null",
    db.query, db, "select * from t where a = :a")
  fails("query: the statement has no parameter `b`; it has: a",
    db.query, db, "select * from t where a = :a", { a = 1, b = 2 })
  fails("query: the parameter `a` is a table, which SQL does not have; for several values give "
    .. "a table to "
    .. "sql.query", db.query, db, "select :a", { a = { 1, 2 } })
  fails("query: the text has several statements; run all but the last with db:execute",
    db.query, db, "select 1; select 2")
  fails("query: the statement gives no columns; use db:execute", db.query, db, "delete from t")
  equal(db:value "select count(*) from t", 2)
  fails("query: columns 1 and 2 are both called `a`; name one with `as`", db.query, db,
    "select a, a from t")
  fails("query: near \"selec\": syntax error, in: selec 1", db.query, db, "selec 1")
  fails("execute: not authorized; one statement has one file: open the other one with sql.open, "
    .. "and give its "
    .. "tables to sql.query", db.execute, db, "attach 'other.db' as other")
  fails("query: write db:query(...), with a colon", db.query, "select 1")
  fails("insert: table u has no column named y, in: INSERT INTO \"u\" (\"y\") VALUES (?)",
    db.insert, db, "u", { y = { 1 } })
end
local db = sql.open(path)
fails("execute: attempt to write a readonly database; open the file with { mode = \"write\" }",
  db.execute, db, "delete from t")
equal(db:value "select count(*) from t", 2)
db:close()
db:close()
fails("query: the database is closed", db.query, db, "select 1")
equal(tostring(db), ("database `%s`, closed"):format(path))

-- MARK: Whole files

sql.write(path, { cities = frame.new { { "name", { "Oslo", "Rome" } }, { "temp", { 3.5,
  0 / 0 } } } })
do
  local written <close> = sql.open(path)
  equal(written:tables(), { "cities" })
  equal(written:query("select * from cities"):records(), { { name = "Oslo", temp = 3.5 }, {
    name = "Rome", temp = 0 / 0 } })
end
-- equal tables make equal files
local bytes = files.read(path)
sql.write(path, { cities = { name = { "Oslo", "Rome" }, temp = { 3.5, 0 / 0 } } })
equal(files.read(path) == bytes, true)
files.write(path, ("no database"):rep(100))
fails(("sql.open: `%s`: file is not a database; the file was not made by SQLite, or is encrypted")
  :format(path), sql.open, path)

-- MARK: Stops

local endless <const> = "with recursive c(x) as (select 1 union all select x + 1 from c) select "
  .. "count(*) as n from c"
for _, make in ipairs { parallel.threads, parallel.processes } do
  local pool <close> = make(1)
  local began = vt.now()
  local ok, message = pcall(pool.map, pool, function(query)
    return require "sql".query(query):row(1)
  end, { endless }, { timeout = 0.5 })
  assert(not ok and tostring(message):find("timed out", 1, true), tostring(message))
  assert(vt.now() - began < 20)
end
