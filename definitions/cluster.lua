-- SPDX-License-Identifier: BSD-3-Clause
---@meta

---Which cluster, and what may be done to have one.
---@class parallel.ClusterOptions
---@field ask? boolean whether the user may be offered to start what is missing; default true
---@field profile? string of IPython, by name or by directory; default "default"
---@field cluster_id? string of several clusters in one profile
---@field file? string the client's connection file
---@field timeout? number seconds for the controller to answer, and for tasks to wait when there is
---no engine; default 10
---@field n? integer engines to offer; default `parallel.cores`
---@field detach? boolean whether what is started outlives the program

---@class parallel.DirectViewOptions : parallel.ClusterOptions
---@field targets? integer[] positions of engines, from 1

---@class parallel.LoadBalancedViewOptions : parallel.ClusterOptions
---@field scheduler? "client" | "controller" who gives out the tasks

---@class parallel.BalancedOptions
---@field scheduler? "client" | "controller" who gives out the tasks
---@field targets? integer[] positions of engines, from 1; default: all, also those that join
---@field timeout? number seconds that tasks wait when there is no engine

---What an engine says of itself.
---@class parallel.EngineStatus
---@field engine integer its id
---@field state "idle" | "busy" | "starting" | "broken" | "silent"
---@field host? string
---@field pid? integer of the supervisor
---@field worker? integer the pid of the process that runs Lua
---@field tasks? integer that it has run
---@field memory? integer bytes that the worker occupies
---@field restarts? integer workers that were replaced
---@field dropped? { signature: integer, replayed: integer, malformed: integer }
---@field version? string

---A row of `execute_python`.
---@class parallel.PythonAnswer
---@field engine integer its id
---@field result? string the last expression's value as text
---@field stdout string
---@field stderr string

---A connection to a cluster. `#client` is the number of engines of Lua; `client[1]` and
---`client[{ 1, 2 }]` are direct views of those at these positions.
---@class parallel.Client
---@field ids integer[] of all engines, also those of Python
---@field address string of the controller
---@field [integer] parallel.View
---@field [integer[]] parallel.View
local Client = {}

---A direct view of all engines of this moment.
---@return parallel.View
function Client:all() end

---@param positions? integer[] from 1; default: all
---@return parallel.View
function Client:direct_view(positions) end

---@param options? parallel.BalancedOptions
---@return parallel.View
function Client:load_balanced_view(options) end

---Whether there are so many engines in time; an error when one leaves meanwhile.
---@param count? integer default 1
---@param timeout? number seconds
---@return boolean
function Client:wait_for_engines(count, timeout) end

---What each engine says of itself.
---@return parallel.EngineStatus[]
function Client:status() end

---By id, and `unassigned`: what the controller knows.
---@return table<integer | string, any>
function Client:queue_status() end

---The result of a request that went through the controller's scheduler, from a controller that
---keeps results.
---@param id string as in `result:metadata()`
---@param timeout? number seconds to wait for it; default 0
---@return parallel.Result?
---@return "pending" | "unknown" | nil reason
function Client:get_result(id, timeout) end

---Runs code on engines of Python.
---@param code string
---@param options? { targets: integer | integer[] } ids; default: all
---@return parallel.PythonAnswer[]
function Client:execute_python(code, options) end

---Calls what an expression of Python gives, on one engine.
---@param expression string
---@param arguments? any[]
---@param options? { target: integer } an id; default: the first
---@return any
function Client:call_python(expression, arguments, options) end

---Forgets the globals that were set on the engines.
function Client:clear() end

---Ends all engines.
---@param hub? boolean and the controller
function Client:shutdown(hub) end

---Ends the connection; what its views wait for fails.
function Client:close() end
