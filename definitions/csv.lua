-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta csv

---Comma-separated values (RFC 4180), read strictly and written so that reading gives the same.
---
---Read: LF or CRLF line ends, a UTF-8 byte order mark, quoted fields with separators, doubled
---quotes and line ends in them. Empty lines are skipped. What is malformed is an error with the
---file and the line, never a guess.
---
---Options of everything that reads:
---  header     true (default): the first record names the columns, and each record is a table
---             by name; a list of names: the same for a file without a header line;
---             false: each record is a list
---  types      column to "string" (default), "number" (float), "integer" or "boolean"; columns
---             go by name, or by position when header is false
---  missing    what an empty field of a column with another type than string becomes; without
---             it an empty field there is an error
---  separator  one character, default ","
---  name       what errors call the text, default the path or "csv"
---@class csv
local csv = {}

---Iterates over the records of a text.
---@param text string
---@param options? table see the top of this file
---@return fun(): table|nil, integer|nil gives a record and its line number
---@return string[]? names of the columns in their order
function csv.rows(text, options) end

---Iterates over the records of a file, holding one at a time; for a generic `for`, which
---closes the file however the loop is left.
---@param path string
---@param options? table see the top of this file
---@return fun(): table|nil, integer|nil gives a record and its line number
function csv.lines(path, options) end

---Reads all records of a text.
---@param text string
---@param options? table see the top of this file
---@return table[] records
---@return string[]? names of the columns in their order
function csv.parse(text, options) end

---Reads all records of a file.
---@param path string
---@param options? table see the top of this file
---@return table[] records
---@return string[]? names of the columns in their order
function csv.read(path, options) end

---Turns records by name into columns: a list of values for each name.
---@param records table[]
---@param names string[]
---@return table columns
function csv.columns(records, names) end

---Turns columns into records by name; the columns must have the same length.
---@param columns table a list of values for each name
---@param names string[]
---@return table[] records
function csv.records(columns, names) end

---Writes records as text. Nil becomes an empty field, a number the shortest text that reads
---back as the same number.
---@param records table[] tables by name, or lists when no columns are given
---@param options? table `columns` (names in order, written as the header), `header` (false:
---leave the header out), `separator` (default ","), `newline` (default "\n"; RFC 4180: "\r\n")
---@return string
function csv.format(records, options) end

---Writes records to a file, all of it or nothing.
---@param path string
---@param records table[]
---@param options? table see `csv.format`
---@return string path
function csv.write(path, records, options) end

return csv
