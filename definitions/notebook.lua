-- SPDX-License-Identifier: BSD-3-Clause
---@meta

---In the cells of a notebook: shows values before the cell is done.
---@class display
---@overload fun(...: any)
display = {}

---@param text string
function display.html(text) end

---@param text string
function display.markdown(text) end

---@param text string
function display.latex(text) end

---@param text string
function display.svg(text) end

---Forgets what the cell has shown.
---@param wait? boolean whether only when something new comes
function display.clear(wait) end

---A place in the notebook whose content changes.
---@class display.Place
local Place = {}

---Shows another value.
---@param value any
function Place:update(value) end

---Shows a value, and gives the place where it is.
---@param value any
---@return display.Place
function display.open(value) end
