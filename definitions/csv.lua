-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta csv

---Comma-separated values (RFC 4180), read strictly. Values that are written read back unchanged.
---
---The reader accepts LF, CRLF and CR line ends, a UTF-8 byte order mark, and quoted fields that
---contain separators, doubled quotes and line ends. It skips empty lines. Malformed text is an
---error with the file and the line. So is an option that does not exist.
---
---Options of all functions that read:
---  header        true (default): the first record names the columns, and each record is a table
---                by name; a list of names: the same for a file without a header line;
---                false: each record is a list
---  columns       a list of names in place of those in the header line
---  repair_names  true: a column without a name is called column_2 after its position, and the
---                second column called a is a_2; without it both are errors
---  types         column to "string" (default), "number" (float), "integer" or "boolean"; columns
---                go by name, or by position when header is false
---  missing       the value of empty fields in columns whose type is not string; without it such a
---                field is an error
---  na            a text or a list of texts, such as { "NA", "-" }, that count as empty in columns
---                whose type is not string
---  skip          the number of lines before the header, default 0
---  comment       a text such as "#"; lines that begin with it are skipped
---  fill          true: missing fields at the end of a record are empty, and empty fields after
---                the last column are left out; without it both are errors
---  truncate      true: all fields after the last column are left out
---  trim          true: spaces and tabs around fields are removed
---  quote         false: quotes are ordinary characters
---  separator     one character, default ","
---  name          the name of the text in errors, default the path or "csv"
---@class csv
local csv = {}

---Iterates over the records of a text.
---@param text string
---@param options? table see the description of the library
---@return fun(): table|nil, integer|nil returns a record and its line number
---@return string[]? names of the columns in their order
function csv.rows(text, options) end

---Iterates over the records of a file with one record in memory. For a generic `for`, which closes
---the file at the end of the loop, also after a break or an error.
---@param path string
---@param options? table see the description of the library
---@return fun(): table|nil, integer|nil returns a record and its line number
function csv.lines(path, options) end

---Reads all records of a text.
---@param text string
---@param options? table see the description of the library
---@return table[] records
---@return string[]? names of the columns in their order
function csv.parse(text, options) end

---Reads all records of a file.
---@param path string
---@param options? table see the description of the library
---@return table[] records
---@return string[]? names of the columns in their order
function csv.read(path, options) end

---Reads the columns of a file: an array for each one with the type "number" (float64), "integer"
---(int64) or "boolean" (bool), a list of strings for each other one.
---
---A number that is missing, an empty field or one of `na`, is NaN. Integers and booleans have no
---such value: set `missing`, or the type to "number".
---@param path string
---@param options? table see the description of the library
---@return table columns by name, or by position when `header` is false
---@return string[]? names of the columns in their order
function csv.arrays(path, options) end

---Converts records by name to columns: a list of values for each name.
---@param records table[]
---@param names string[]
---@return table columns
function csv.columns(records, names) end

---Converts columns to records by name. The columns must have the same length.
---@param columns table a list or an array of values for each name
---@param names string[]
---@return table[] records
function csv.records(columns, names) end

---Formats records as text. Nil becomes an empty field, a number the shortest text that reads back
---as the same number.
---@param records table[] tables by name, lists or arrays; or an array with a row for each record
---@param options? table `columns` (names in order, written as the header; default for records
---by name: all their names, sorted), `header` (false: leave the header out), `separator` (default
---","), `newline` (default "\n"; RFC 4180: "\r\n")
---@return string
function csv.format(records, options) end

---Writes records to a file. The file is replaced only when it is complete.
---@param path string
---@param records table[]
---@param options? table see `csv.format`
---@return string path
function csv.write(path, records, options) end

return csv
