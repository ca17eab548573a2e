-- SPDX-License-Identifier: BSD-3-Clause
---@meta

---Options that select a cluster or allow to start one.
---@class (exact) parallel.ClusterOptions
---@field ask? boolean whether to offer the user to start a cluster; default true
---@field profile? string the IPython profile, by name or directory; default "default"
---@field cluster_id? string the cluster to use when the profile has several
---@field file? string the client's connection file
---@field timeout? number maximum seconds for the controller to reply, and for tasks to wait for an
---engine; default 10
---@field n? integer number of engines to offer; default `parallel.cores`
---@field detach? boolean whether a started cluster outlives the program

---@class (exact) parallel.DirectViewOptions : parallel.ClusterOptions
---@field targets? integer[] positions of engines, from 1

---@class (exact) parallel.LoadBalancedViewOptions : parallel.ClusterOptions
---@field scheduler? "client" | "controller" the scheduler that assigns tasks

---@class (exact) parallel.BalancedOptions
---@field scheduler? "client" | "controller" the scheduler that assigns tasks
---@field targets? integer[] positions of engines, from 1; default: all, including later ones
---@field timeout? number maximum seconds for tasks to wait for an engine

---The state of an engine, reported by itself.
---@class parallel.EngineStatus
---@field engine integer its id
---@field state "idle" | "busy" | "starting" | "broken" | "silent"
---@field host? string
---@field pid? integer the pid of the supervisor
---@field worker? integer the pid of the process that runs Lua
---@field tasks? integer number of finished tasks
---@field memory? integer bytes of the worker's memory
---@field restarts? integer number of replaced workers
---@field dropped? { signature: integer, replayed: integer, malformed: integer }
---@field version? string the release of VTLua
---@field lua? string the release of Lua, "Lua 5.4.4"
---@field protocol? integer the version of the messages

---A row of `execute_python`.
---@class parallel.PythonAnswer
---@field engine integer its id
---@field result? string the value of the last expression as text
---@field stdout string
---@field stderr string

---A connection to a cluster. `#client` is the number of Lua engines; `client[1]` and
---`client[{ 1, 2 }]` are direct views of the engines at these positions.
---@class parallel.Client
---@field ids integer[] the ids of all engines, including Python engines
---@field address string the controller's address
---@field [integer] parallel.GlobalView
---@field [integer[]] parallel.GlobalView
local Client = {}

---A direct view of all engines that are connected now.
---@return parallel.GlobalView
function Client:all() end

---@param positions? integer[] from 1; default: all
---@return parallel.GlobalView
function Client:direct_view(positions) end

---@param options? parallel.BalancedOptions
---@return parallel.View
function Client:load_balanced_view(options) end

---Waits for engines; returns whether they joined in time. An engine that leaves is an error.
---@param count? integer default 1
---@param timeout? number seconds
---@param language? "lua" | "python" default: Lua engines, or all where there are only Python engines
---@return boolean
function Client:wait_for_engines(count, timeout, language) end

---The state of each Lua engine.
---@return parallel.EngineStatus[]
function Client:status() end

---The controller's queues by engine id, and `unassigned`.
---@return table<integer | string, any>
function Client:queue_status() end

---The result of a request that was sent through the scheduler of a controller that keeps results.
---@param id string from `result:metadata()`
---@param timeout? number seconds to wait for it; default 0
---@return parallel.Result?
---@return "pending" | "unknown" | nil reason
function Client:get_result(id, timeout) end

---Runs code on Python engines.
---@param code string
---@param options? { targets: integer | integer[] } ids; default: all
---@return parallel.PythonAnswer[]
function Client:execute_python(code, options) end

---Calls the value of a Python expression on one engine.
---@param expression string
---@param arguments? any[]
---@param options? { target: integer } an id; default: the first
---@return any
function Client:call_python(expression, arguments, options) end

---Removes the globals that were set on the engines.
function Client:clear() end

---Ends all engines.
---@param hub? boolean whether to end the controller as well
function Client:shutdown(hub) end

---Closes the connection; pending calls of its views fail.
function Client:close() end
