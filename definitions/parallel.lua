-- SPDX-License-Identifier: BSD-3-Clause
---@meta parallel

---How a pool is made; a number alone is `n`.
---@class parallel.PoolOptions
---@field n? integer workers; default `parallel.cores`
---@field initializer? function called in each worker at its start, with `args`
---@field args? any[] the initializer's arguments
---@field libraries? string[] modules that each worker requires at its start
---@field max_tasks? integer a worker is replaced by a new one after so many tasks
---@field memory_limit? integer bytes that a worker's Lua state may hold
---@field start_timeout? number seconds that a worker's start may take; default 30

---@class parallel.ProcessOptions : parallel.PoolOptions
---@field env? table<string, string> variables besides the caller's environment
---@field directory? string the current directory

---@class parallel.CallOptions
---@field args? any[] more arguments for each task, after the element
---@field chunksize? integer tasks that a worker takes at a time; default: by measured time
---@field timeout? number seconds that a task may take
---@field retries? integer attempts of a failed task after the first
---@field on_error? "stop" | "collect"
---@field label? string what errors and progress call it
---@field progress? true | vt.Module | fun(done: integer, total?: integer)
---@field after? parallel.Result[] load-balanced views of a cluster: begin when these are done
---@field follow? parallel.Result[] the same, on an engine that has run one of them

---@class parallel.MapOptions : parallel.CallOptions
---@field on? string | string[] "cluster", "threads", "processes", "serial": the first that is there

---A failed task. Prints as message, worker's traceback, task, and the line that called.
---@class parallel.Error
---@field message string with the position in front
---@field value any what was thrown
---@field traceback string the worker's, a line a function
---@field cause "error" | "timeout" | "cancelled" | "died" | "closed"
---@field index? integer the number of the task, from 1
---@field total? integer how many tasks there were, where that is known
---@field kind "serial" | "threads" | "processes" | "cluster"
---@field worker? integer
---@field label? string
---@field place? string the line that called

---What is known of a worker.
---@class parallel.WorkerStatus
---@field worker integer
---@field state "starting" | "idle" | "busy" | "broken" | "gone"
---@field tasks integer that it has done
---@field pid integer
---@field host string
---@field thread? string
---@field engine? integer the id of an engine of a cluster

---A row for each worker, and these fields.
---@class parallel.Status
---@field [integer] parallel.WorkerStatus
---@field kind string
---@field open boolean
---@field workers integer
---@field busy integer
---@field idle integer
---@field waiting integer tasks that no worker has taken
---@field tasks integer that were done
---@field replaced integer workers that were

---What is known of a task of an asynchronous call.
---@class parallel.TaskRow
---@field index integer
---@field status "waiting" | "done" | "failed" | "cancelled"
---@field attempts integer
---@field worker? integer
---@field host? string
---@field pid? integer
---@field queued number seconds since 1970
---@field started? number
---@field ended? number
---@field engine? integer the id of the engine of a cluster that ran it
---@field id? string of the request to a cluster; for `client:get_result`

---The results to come of an asynchronous call. `#r` is the number of its tasks.
---@class parallel.Result
local Result = {}

---Waits, and gives the results of the call, or the list of them; with `on_error = "collect"` a
---list of errors, too.
---@param timeout? number seconds; too late is an error
---@return any ...
function Result:get(timeout) end

---Waits, and gives whether all is finished.
---@param timeout? number seconds
---@return boolean
function Result:wait(timeout) end

---@return boolean
function Result:ready() end

---Whether all tasks are done without an error; an error while some are not finished.
---@return boolean
function Result:successful() end

---What has not begun never does; what runs is stopped.
function Result:cancel() end

---@return integer done
---@return integer total
function Result:progress() end

---Seconds from the call to its end, or until now.
---@return number
function Result:elapsed() end

---Seconds that the tasks took, one after another.
---@return number
function Result:serial_time() end

---A row for each task.
---@return parallel.TaskRow[]
function Result:metadata() end

---What the tasks printed, in their order.
---@return string
function Result:stdout() end

---Number and value of each task, in order, as they are ready.
---@return fun(): integer?, any
function Result:iter() end

---A pool of workers. `#v` is how many; another field is a global: `v.name` gives the list of the
---workers' values, `v.name = value` sets it on each.
---@class parallel.View
---@field kind "serial" | "threads" | "processes" | "cluster"
---@field [string] any
local View = {}

---Runs `f(...)` on a worker.
---@param f function
---@param ... any
---@return any ... f's results
function View:apply(f, ...) end

---@param f function
---@param ... any
---@return parallel.Result
function View:apply_async(f, ...) end

---Runs `f(element, args...)` for each element.
---@param f fun(element: any, ...: any): any
---@param list any[]
---@param options? parallel.CallOptions
---@return any[] results in order
---@return parallel.Error[]? errors with `on_error = "collect"`
function View:map(f, list, options) end

---@param f fun(element: any, ...: any): any
---@param list any[]
---@param options? parallel.CallOptions
---@return parallel.Result
function View:map_async(f, list, options) end

---As `map`, with each element a list of arguments.
---@param f fun(...: any): any
---@param lists any[][]
---@param options? parallel.CallOptions
---@return any[] results in order
---@return parallel.Error[]? errors with `on_error = "collect"`
function View:starmap(f, lists, options) end

---@param f fun(...: any): any
---@param lists any[][]
---@param options? parallel.CallOptions
---@return parallel.Result
function View:starmap_async(f, lists, options) end

---Number and value of each task, in order, as they are ready. An iterator is read no further ahead
---than keeps the workers busy.
---@param f fun(element: any, ...: any): any
---@param items any[] | function
---@param options? parallel.CallOptions
---@return fun(): integer?, any
function View:imap(f, items, options) end

---As `imap`, whatever is ready first.
---@param f fun(element: any, ...: any): any
---@param items any[] | function
---@param options? parallel.CallOptions
---@return fun(): integer?, any
function View:imap_unordered(f, items, options) end

---Sets globals of every worker, also of those that come later.
---@param globals table<string, any>
function View:push(globals) end

---For each name, the list of the workers' values.
---@param name string
---@param ... string
---@return any[] ...
function View:pull(name, ...) end

---Gives each worker a part of the list as a global.
---@param name string
---@param list any[]
function View:scatter(name, list) end

---The workers' lists, one after another, as one.
---@param name string
---@return any[]
function View:gather(name) end

---Runs a chunk on every worker; gives the list of what it returned.
---@param code string
---@return any[]
function View:execute(code) end

---@return fun(): integer?, parallel.WorkerStatus?
function View:each_worker() end

---@return parallel.Status
function View:status() end

---Finishes what is queued, and ends the workers.
function View:close() end

---Ends the workers now.
function View:terminate() end

---A queue of values between threads. `#c` is how many wait.
---@class parallel.Channel
---@field capacity integer
---@field closed boolean
local Channel = {}

---@param value any not nil
---@param timeout? number seconds
---@return true? sent
---@return "closed" | "timeout" | nil reason
function Channel:send(value, timeout) end

---@param timeout? number seconds
---@return any value
---@return "closed" | "timeout" | nil reason
function Channel:recv(timeout) end

---The values, until it is closed and empty.
---@return fun(): any
function Channel:iter() end

---Nothing more is sent; what waits can still be received.
function Channel:close() end

---Many tasks at once: on threads, in processes, on a cluster.
---@class parallel
---@field cores integer processors that this program may use, or fewer by `vtlua run -j`
parallel = {}

---A worker on the caller's own thread: tasks run when they are sent.
---@param options? integer | parallel.PoolOptions
---@return parallel.View
function parallel.serial(options) end

---A thread with a Lua state for each worker.
---@param options? integer | parallel.PoolOptions
---@return parallel.View
function parallel.threads(options) end

---A child process for each worker.
---@param options? integer | parallel.ProcessOptions
---@return parallel.View
function parallel.processes(options) end

---A connection to a cluster; or nil, and why there is none.
---@param options? boolean | parallel.ClusterOptions `ask`, or more
---@return parallel.Client?
---@return string? reason "no-controller", "timeout", "no-engines", "declined", "start-failed: ..."
function parallel.get_client(options) end

---A view of the engines of this moment; or nil, and why there is none.
---@param options? boolean | parallel.DirectViewOptions `ask`, or more
---@return parallel.View?
---@return string? reason as of `get_client`
function parallel.direct_view(options) end

---A view of all engines, also of those that join later; or nil, and why there is none.
---@param options? boolean | parallel.LoadBalancedViewOptions `ask`, or more
---@return parallel.View?
---@return string? reason as of `get_client`
function parallel.load_balanced_view(options) end

---Makes a pool, maps, and closes it.
---@param f fun(element: any, ...: any): any
---@param list any[]
---@param options? parallel.MapOptions
---@return any[] results
---@return any info `{ kind =, workers = }`; with `on_error = "collect"` the errors come before it
function parallel.map(f, list, options) end

---Whether all are ready; false when the time is over before.
---@param results parallel.Result[]
---@param timeout? number seconds
---@return boolean
function parallel.wait_all(results, timeout) end

---The position of one that is ready, and it; nothing when the time is over before.
---@param results parallel.Result[]
---@param timeout? number seconds
---@return integer? position
---@return parallel.Result?
function parallel.wait_any(results, timeout) end

---@param capacity? integer values that may wait; default 1024
---@return parallel.Channel
function parallel.channel(capacity) end

---The next value of any of the channels, and the channel; or nil, and why.
---@param channels parallel.Channel[]
---@param timeout? number seconds
---@return any value
---@return parallel.Channel | "closed" | "timeout"
function parallel.select(channels, timeout) end

return parallel
