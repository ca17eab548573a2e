-- SPDX-License-Identifier: BSD-3-Clause
--- SQL with SQLite: databases in files, and queries over tables, arrays and frames in memory.
--
--     local sql = require "sql"
--     local hot = sql.query("select city, avg(temp) as temp from t group by city", { t = f })
--
--     local db <close> = sql.open("weather.db")
--     local f = db:query("select * from readings where year = :year", { year = 2024 })
--
-- Results are frames. Parameters go by name, `:year`, and never into the text of a statement. NULL
-- is a missing value, and `sql.null` as a parameter; booleans are 1 and 0.
--
-- A file is opened for reading unless `mode` is "write". In a workflow a file that is read is
-- observed, and one that is created is a product.

local files = require "files"
local frame = require "frame"
local frame_columns = require "frame_columns"
local json = require "json"
local sql_statement = require "sql_statement"
local sql_tables = require "sql_tables"

local fail <const> = frame_columns.fail
local native <const> = sql_statement.native
local prepare <const>, read <const> = sql_statement.prepare, sql_statement.read
local check_open <const>, fail_with <const> = sql_statement.check_open, sql_statement.fail_with

local sql = {}

--- An open database.
local Database = sql_statement.Database
Database.__index = Database

--- NULL as a parameter.
sql.null = json.null

--- Bytes as a parameter, for a column of type BLOB. A string is text.
--- @param bytes string
--- @return table
function sql.blob(bytes)
  if type(bytes) ~= "string" then
    fail("sql.blob: expected a string, got %s", frame_columns.describe(bytes))
  end
  return { blob = bytes }
end

--- Opens a file, or creates it, so that a workflow sees it. Returns true if it is new.
local function report_use(path, mode)
  if mode == "read" then
    frame_columns.protect(files.open, path):close()
    return false
  end
  local created = vt._create(path)
  if created then
    created:close()
    return true
  end
  local file, reason = io.open(path, "r+b")
  if not file then
    fail("sql.open: cannot write `%s`: %s; the directory must exist and be writable", path,
      (reason:gsub("^.*: ", "")))
  end
  file:close()
  return false
end

local function open(path, mode, timeout)
  if not native then
    fail("sql needs the program vtlua")
  end
  local name = path
  if path ~= ":memory:" and path:sub(1, 1) ~= "/" then
    name = "./" .. path  -- SQLite may take file:... for a URI
  end
  local handle, message = native.open(name, mode, timeout)
  if not handle then
    fail_with(("sql.open: `%s`"):format(path), message)
  end
  return setmetatable({ handle = handle, path = path, depth = 0 }, Database)
end

--- Opens a database, which is closed at the end of the block with `local db <close> =
--- sql.open(...)`.
--- @param path string the file, or ":memory:" for a database that ends with its object
--- @param options table|nil `mode` ("read", the default: the file must exist; "write": it is
--- created if it does not exist), `timeout` (the seconds to wait for a lock, default 5)
--- @return sql.Database
function sql.open(path, options)
  if type(path) ~= "string" or path == "" or path:find("\0", 1, true) then
    fail("sql.open: expected the path of a file, got %s",
      type(path) == "string" and "an empty one" or frame_columns.describe(path))
  end
  options = frame_columns.check_options("sql.open", options, { "mode", "timeout" })
  local mode, timeout = options.mode or "read", options.timeout or 5
  if mode ~= "read" and mode ~= "write" then
    fail("sql.open: `mode` must be \"read\" or \"write\", got %s", tostring(mode))
  elseif type(timeout) ~= "number" or not (timeout >= 0 and timeout <= 86400) then
    fail("sql.open: `timeout` must be a number of seconds from 0 to 86400, got %s",
      tostring(timeout))
  elseif path == ":memory:" then
    return open(path, "write", timeout)
  end
  report_use(path, mode)
  local db = open(path, mode, timeout)
  if mode == "read" then
    local subject = ("sql.open: `%s`"):format(path)
    local _ <close> = sql_statement.prepare(db, "select 1 from sqlite_master", nil, subject)
    -- Recent changes may be in a second file, which the statement has made if it was not there.
    local log = io.open(path .. "-wal", "rb")
    if log then
      log:close()
    end
  end
  return db
end

-- MARK: Statements

--- The rows of a query as a frame.
--- @param text string one statement
--- @param parameters table|nil values by name
--- @return frame.Frame
function Database:query(text, parameters)
  local statement <close> = prepare(self, text, parameters, "query")
  return read(statement, text, "query")
end

--- Iterates over the rows of a query with one in memory: `for row in db:rows("select ...") do`. A
-- row is a table by name; NULL is nil.
--- @param text string one statement
--- @param parameters table|nil values by name
--- @return fun(): table|nil
function Database:rows(text, parameters)
  local statement = prepare(self, text, parameters, "rows")
  local _, names = native.describe(statement)
  local function following()
    local values = {}
    local more, message = native.step(statement, values)
    if more == nil then
      fail_with("rows", message, text)
    elseif not more then
      native.finalize(statement)
      return nil
    end
    local row = {}
    for i, name in ipairs(names) do
      row[name] = values[i]
    end
    return row
  end
  return following, nil, nil, statement
end

--- The first value of the first row of a query; nil if there is none.
--- @param text string one statement
--- @param parameters table|nil values by name
--- @return any
function Database:value(text, parameters)
  local statement <close> = prepare(self, text, parameters, "value")
  local values = {}
  local more, message = native.step(statement, values)
  if more == nil then
    fail_with("value", message, text)
  end
  return values[1]
end

--- Runs statements that give no rows, several separated by semicolons.
--- @param text string
--- @param parameters table|nil values by name, for all of them
--- @return integer changed the number of rows that were inserted, changed or deleted
function Database:execute(text, parameters)
  check_open(self, "execute")
  parameters = sql_statement.check_text(text, parameters, "execute")
  local _, _, before = native.state(self.handle)
  local known, from = {}, 1
  while from <= #text do
    local statement, rest = native.prepare(self.handle, text, from)
    if statement == nil then
      fail_with("execute", rest, text:sub(from))
    elseif statement then
      local running <close> = statement
      sql_statement.bind(running, parameters, known, "execute")
      local more, message
      repeat
        more, message = native.step(running)
        if more == nil then
          fail_with("execute", message, text:sub(from, rest - 1))
        end
      until not more
    end
    from = rest
  end
  sql_statement.check_known(parameters, known, "execute")
  local _, _, after = native.state(self.handle)
  return after - before
end

--- Calls `f(db)` in a transaction: its changes are kept together when it returns, and undone when
-- it raises an error. Transactions may be nested.
--- @param f fun(db: sql.Database): ...
--- @return any ... the results of `f`
function Database:transaction(f)
  check_open(self, "transaction")
  if type(f) ~= "function" then
    fail("transaction: expected a function, got %s", frame_columns.describe(f))
  end
  local name = "vt_" .. self.depth
  local outer = self.depth == 0
  self:execute(outer and "BEGIN" or "SAVEPOINT " .. name)
  self.depth = self.depth + 1
  local guard <close> = setmetatable({}, {
    __close = function(guard)
      self.depth = self.depth - 1
      local is_open, is_outside = native.state(self.handle)
      if not guard.done and is_open and not is_outside then
        self:execute(outer and "ROLLBACK" or ("ROLLBACK TO %s; RELEASE %s"):format(name, name))
      end
    end,
  })
  local results = table.pack(f(self))
  self:execute(outer and "COMMIT" or "RELEASE " .. name)
  guard.done = true
  return table.unpack(results, 1, results.n)
end

--- Inserts rows into a table, which is created if it does not exist.
--- @param name string the table
--- @param rows frame.Frame|table a frame, columns by name, or a list of records
--- @return integer count the number of rows
function Database:insert(name, rows)
  check_open(self, "insert")
  if type(name) ~= "string" or name == "" then
    fail("insert: expected the name of a table, got %s", frame_columns.describe(name))
  end
  local f = sql_tables.to_frame(rows, name, "insert")
  local columns = sql_tables.columns(f, "insert")
  if #columns == 0 then
    fail("insert: table `%s` would have no columns", name)
  end
  self:transaction(function()
    if not self:value("select 1 from sqlite_master where type in ('table', 'view') and "
      .. "lower(name) = "
      .. "lower(:name)", { name = name }) then
      self:execute(sql_tables.create(f, name))
    end
    local text = sql_tables.insert(f, name)
    local statement, message = native.prepare(self.handle, text, 1)
    if not statement then
      fail_with("insert", message, text)
    end
    local running <close> = statement
    local done
    done, message = native.insert(running, columns, #f)
    if not done then
      fail_with("insert", message, text)
    end
  end)
  return #f
end

--- The names of the tables and views, sorted.
--- @return string[]
function Database:tables()
  local names = {}
  for row in self:rows("select name from sqlite_master where type in ('table', 'view') and name "
    .. "not "
    .. "like 'sqlite\\_%' escape '\\' order by name") do
    names[#names + 1] = row.name
  end
  return names
end

--- Closes the database. A transaction that has not ended is undone.
function Database:close()
  native.close(self.handle)
end

Database.__close = Database.close
Database.__tostring = function(db)
  return ("database `%s`%s"):format(db.path, native.state(db.handle) and "" or ", closed")
end

-- MARK: Whole databases

--- Queries tables of Lua: `sql.query("select ...", { t = columns })`.
--- @param text string one statement
--- @param tables table by name: frames, columns by name, lists of records, lists of values (as the
--- column `value`) or arrays (with two axes, the columns are c1, c2, ...)
--- @param parameters table|nil values by name
--- @return frame.Frame
function sql.query(text, tables, parameters)
  parameters = sql_statement.check_text(text, parameters, "sql.query")
  if tables ~= nil and (type(tables) ~= "table" or frame.is(tables)) then
    fail("sql.query: expected tables by name such as { t = rows }, got %s",
      frame_columns.describe(tables))
  end
  local db <close> = open(":memory:", "write", 0)
  local names = {}
  for name in pairs(tables or {}) do
    if type(name) ~= "string" or name == "" then
      fail("sql.query: expected tables by name such as { t = rows }, got the key %s",
        tostring(name))
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    db:insert(name, sql_tables.to_frame(tables[name], name, "sql.query"))
  end
  local statement <close> = prepare(db, text, parameters, "sql.query")
  return read(statement, text, "sql.query")
end

--- Writes a database with these tables to a file, which is replaced only when it is complete.
--- @param path string
--- @param tables table by name, as those of `sql.query`
--- @return string path
function sql.write(path, tables)
  if type(path) ~= "string" or path == "" then
    fail("sql.write: expected the path of a file, got %s", frame_columns.describe(path))
  elseif type(tables) ~= "table" or frame.is(tables) or next(tables) == nil then
    fail("sql.write: expected tables by name such as { t = rows }, got %s",
      frame_columns.describe(tables))
  end
  local names = {}
  for name in pairs(tables) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  local db <close> = open(":memory:", "write", 0)
  for _, name in ipairs(names) do
    db:insert(name, tables[name])
  end
  return frame_columns.protect(files.write, path, native.serialize(db.handle))
end

return sql
