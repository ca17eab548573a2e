-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta frame

---Tables with named columns. A column of numbers or booleans is an array, any other one a list.
---
---    local frame = require "frame"
---    local f = frame { city = { "Oslo", "Rome" }, temp = { 3.5, 14 } }
---    print(f:filter("temp", ">", 10))
---
---`f.temp` is the column `temp`, `f:column "temp"` the same where a method has the name of a
---column; `f.columns` has the names in order, and `#f` is the number of rows. Methods return new
---frames, which share columns with the old one: do not write to a column.
---
---A missing value is NaN in a column of numbers and nil in a list. Rows are counted from 1.
---@class frame
---@field Frame any The metatables of frames and of groups.
---@field Groups any The metatables of frames and of groups.
local frame = {}

---A table with named columns.
---@class frame.Frame
---@field columns string[] the names of the columns in order
---@field [string] any the columns
local Frame = {}

---A column. For a name that is also that of a method.
---@param name string
---@return array|table
function Frame:column(name) end

---The type of each column by its name: that of its array, or "text", "bool" or "list".
function Frame:types() end

---The columns by name as a table.
function Frame:totable() end

---This frame's rows, then those of others.
function Frame:concat(...) end

---The columns with these names, in this order.
---@param ... string|string[]
---@return frame.Frame
function Frame:select(...) end

---All columns but these.
function Frame:drop(...) end

---Renames columns: `f:rename { old = "new" }`.
function Frame:rename(names) end

---The rows from `first` to `last`, both included; negative numbers count from the end.
function Frame:slice(first, last) end

---The first rows, 5 by default.
function Frame:head(count) end

---The last rows, 5 by default.
function Frame:tail(count) end

---The rows with these numbers, a list or an array of integers from 1.
function Frame:take(numbers) end

---One row as a table by name; negative numbers count from the end.
function Frame:row(number) end

---All rows as tables by name.
function Frame:records() end

---Iterates over the rows: `for i, row in f:rows() do`. The row is a view: it has the values of the
---current row, and is the same table for each.
function Frame:rows() end

---Adds columns, or replaces those of the same name: `f:with { name = value }`, or
---`f:with("name", value)`. A value is an array or a list with an element for each row, one number,
---text or boolean for all of them, or a function that is called with each row.
---@return frame.Frame
function Frame:with(given, value) end

---A list or an array of `f(value)` for each value of a column.
function Frame:map(name, compute) end

---The different rows, the first of each. With names: rows that differ in these columns.
function Frame:unique(...) end

---The rows that satisfy a condition: `f:filter("temp", ">", 20)`, `f:filter { city = "Paris" }`,
---`f:filter(f.temp:gt(20))`, or a function that gets each row. The comparisons are `== ~= < <= >
--->=`, and `in` with a list. A missing value satisfies no comparison.
---@return frame.Frame
function Frame:filter(condition, operation, value) end

---The rows in the order of columns: `f:sort "name"`, `f:sort({ "city", "year" }, { descending =
---{ "year" } })`. Equal rows keep their order. Missing values are last; texts are compared by
---bytes.
---@param by string|string[]
---@param options? table `descending`: true, or a list of names among `by`
---@return frame.Frame
function Frame:sort(by, options) end

---Groups of the rows that are equal in these columns, in the order of their values; a missing
---value is a value of its own, and last.
---@param ... string|string[]
---@return frame.Groups
function Frame:group(...) end

---Joins two frames: each row with the rows of `right` that have equal values in the columns `on`.
---A missing value equals none. Rows are in the order of the left side.
---
---A column of the right side whose name the left side has too gets the suffix.
---@param right frame.Frame
---@param options table|string the columns, or: `on` (a name, a list of names, or names of the left
---side to names of the right side), `how` ("inner", the default; "left", "outer", "semi" or
---"anti"), `check` ("one_to_one", "one_to_many" or "many_to_one"), `suffix` (default "_right")
---@return frame.Frame
function Frame:join(right, options) end

---An array of booleans: true where a column has no value.
---@param name string
---@return array
function Frame:is_missing(name) end

---The rows that have a value in these columns, by default in all.
---@param ... string|string[]
---@return frame.Frame
function Frame:drop_missing(...) end

---Replaces missing values: `f:fill_missing { temp = 0, city = "unknown" }`.
---@param values table a value for each column by name
---@return frame.Frame
function Frame:fill_missing(values) end

---One row for each column: its name, its type, the number of values, of missing ones and of
---different ones, and for numbers `mean std min q25 median q75 max`, which are NaN for other
---columns.
---@return frame.Frame
function Frame:describe() end

---The number of rows with each value of a column, the most frequent first.
---@param name string
---@return frame.Frame with the columns `name` and `count`
function Frame:value_counts(name) end

---The frame as CSV with a header. A missing value is an empty field.
---@param options? table `separator`, `newline`, `header`: see `csv.format`
---@return string
function Frame:format_csv(options) end

---Writes the frame to a CSV file, which is replaced only when it is complete.
---@param path string
---@param options? table see `format_csv`
---@return string path
function Frame:write_csv(path, options) end

---The frame as JSON lines: an object with the columns in their order on each line. A missing value
---is null.
---@return string
function Frame:format_jsonl() end

---Writes the frame to a file of JSON lines, which is replaced only when it is complete.
---@param path string
---@return string path
function Frame:write_jsonl(path) end

---Groups of rows with equal values in some columns.
---@class frame.Groups
local Groups = {}

---One row for each group: the columns that it is grouped by, then the aggregates, in alphabetical
---order of their names. Missing values are left out.
---
---    f:group("city"):aggregate { n = "size", mean = { "temp", "mean" }, temp = "max" }
---
---A list of one-entry tables, `{ { n = "size" }, { temp = "max" } }`, keeps the order.
---@param aggregates table by the name of the new column: `{ column, aggregate }`, or an aggregate
---of the column with that name
---@return frame.Frame
function Groups:aggregate(aggregates) end

---The number of rows in each group, as the column `size`.
---@return frame.Frame
function Groups:size() end

---Iterates over the groups: `for key, part in groups:each() do`. The key is a table by name; the
---part is a frame with the rows of the group.
---@return fun(): table, frame.Frame
function Groups:each() end

---Returns true if a value is a frame.
---@param value any
---@return boolean
function frame.is(value) end

---Makes a frame of columns in order: `frame.new { { "x", { 1, 2 } }, { "y", { 3, 4 } } }`. A
---missing value in a list is nil, or `json.null`, which a missing value at the end must be.
---@param columns table[] the name and the values of each column, which are a list or an array
---@return frame.Frame
function frame.new(columns) end

---Makes a frame of records, tables by name. A field that a record lacks is missing.
---@param records table[]
---@param names? string[] the columns in order; by default all names of the records, sorted
---@return frame.Frame
function frame.records(records, names) end

---Converts texts to seconds since 1970-01-01, as the library `dates` counts them. A missing text
---is NaN; the result is an array of int64 if there is none.
---@param texts string[] a column
---@param format? string see `dates.parser`; by default dates of ISO 8601, with or without a
---time
---@param rows? integer the length of the list, if it may have missing values at the end
---@return array
function frame.seconds(texts, format, rows) end

---Converts seconds since 1970-01-01 to texts. NaN is missing.
---@param seconds array a column
---@param format? string see `dates.format`; default "%Y-%m-%d"
---@return string[]
function frame.dates(seconds, format) end

---Reads CSV: a file, or a text with line ends. The type of each column is found from its values:
---integers (int64), numbers (float64), `true` and `false` (bool), otherwise texts. An empty field
---is missing, and in columns of numbers and booleans also `NA N/A #N/A NaN nan null NULL None`.
---Integers with missing values are float64; digits after a zero, such as 007, are text.
---@param source string
---@param options? table those of the library `csv`, and `select`, the columns to read; `types`
---may be "date" or a format of `dates.parser` for seconds since 1970; `na` applies to texts too
---@return frame.Frame
function frame.csv(source, options) end

---Reads JSON lines, an object on each: a file, or a text with line ends. The columns are in the
---order of their first appearance; null is missing.
---@param source string
---@return frame.Frame
function frame.jsonl(source) end

---Reads a JSON list of objects: a file, or a text that begins with `[`.
---@param source string
---@return frame.Frame
function frame.json(source) end

---The rows of several frames one after another. A column that some do not have is missing there.
---@param frames frame.Frame[]
---@return frame.Frame
function frame.concat(frames) end

return frame
