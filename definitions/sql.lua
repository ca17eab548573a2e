-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta sql

---SQL with SQLite: databases in files, and queries over tables, arrays and frames in memory.
---
---    local sql = require "sql"
---    local hot = sql.query("select city, avg(temp) as temp from t group by city", { t = f })
---
---    local db <close> = sql.open("weather.db")
---    local f = db:query("select * from readings where year = :year", { year = 2024 })
---
---Results are frames. Parameters go by name, `:year`, and never into the text of a statement. NULL
---is a missing value, and `sql.null` as a parameter; booleans are 1 and 0.
---
---A file is opened for reading unless `mode` is "write". In a workflow a file that is read is
---observed, and one that is created is a product.
---@class sql
---@field null any NULL as a parameter.
local sql = {}

---An open database.
---@class sql.Database
local Database = {}

---The rows of a query as a frame.
---@param text string one statement
---@param parameters? table values by name
---@return frame.Frame
function Database:query(text, parameters) end

---Iterates over the rows of a query with one in memory: `for row in db:rows("select ...") do`. A
---row is a table by name; NULL is nil.
---@param text string one statement
---@param parameters? table values by name
---@return fun(): table|nil
function Database:rows(text, parameters) end

---The first value of the first row of a query; nil if there is none.
---@param text string one statement
---@param parameters? table values by name
---@return any
function Database:value(text, parameters) end

---Runs statements that give no rows, several separated by semicolons.
---@param text string
---@param parameters? table values by name, for all of them
---@return integer changed the number of rows that were inserted, changed or deleted
function Database:execute(text, parameters) end

---Calls `f(db)` in a transaction: its changes are kept together when it returns, and undone when
---it raises an error. Transactions may be nested.
---@param f fun(db: sql.Database): ...
---@return any ... the results of `f`
function Database:transaction(f) end

---Inserts rows into a table, which is created if it does not exist.
---@param name string the table
---@param rows frame.Frame|table a frame, columns by name, or a list of records
---@return integer count the number of rows
function Database:insert(name, rows) end

---The names of the tables and views, sorted.
---@return string[]
function Database:tables() end

---Closes the database. A transaction that has not ended is undone.
function Database:close() end

---Bytes as a parameter, for a column of type BLOB. A string is text.
---@param bytes string
---@return table
function sql.blob(bytes) end

---Opens a database, which is closed at the end of the block with `local db <close> =
---sql.open(...)`.
---@param path string the file, or ":memory:" for a database that ends with its object
---@param options? table `mode` ("read", the default: the file must exist; "write": it is
---created if it does not exist), `timeout` (the seconds to wait for a lock, default 5)
---@return sql.Database
function sql.open(path, options) end

---Queries tables of Lua: `sql.query("select ...", { t = columns })`.
---@param text string one statement
---@param tables table by name: frames, columns by name, lists of records, lists of values (as the
---column `value`) or arrays (with two axes, the columns are c1, c2, ...)
---@param parameters? table values by name
---@return frame.Frame
function sql.query(text, tables, parameters) end

---Writes a database with these tables to a file, which is replaced only when it is complete.
---@param path string
---@param tables table by name, as those of `sql.query`
---@return string path
function sql.write(path, tables) end

return sql
