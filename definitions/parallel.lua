-- SPDX-License-Identifier: BSD-3-Clause
---@meta parallel

---Options of a pool; a number alone is `n`.
---@class (exact) parallel.PoolOptions
---@field n? integer number of workers; default `parallel.cores`
---@field initializer? function called in each worker at its start, with `args`
---@field args? any[] the initializer's arguments; a field `n` is their number
---@field libraries? string[] modules that each worker requires at its start
---@field max_tasks? integer number of tasks after which a worker is replaced by a new one
---@field memory_limit? integer maximum bytes of a worker's Lua state
---@field start_timeout? number maximum seconds for a worker to start; default 30

---@class (exact) parallel.ProcessOptions : parallel.PoolOptions
---@field env? table<string, string> variables added to the caller's environment
---@field directory? string the working directory

---@class (exact) parallel.CallOptions
---@field args? any[] additional arguments for each task, after the element; a field `n` is their number
---@field chunksize? integer tasks sent to a worker at a time; default: by measured time
---@field timeout? number maximum seconds for each task
---@field retries? integer further attempts for a failed task
---@field on_error? "stop" | "collect"
---@field label? string name of the call in errors and progress
---@field progress? true | vt.Module | fun(done: integer, total?: integer)
---@field after? parallel.Result[] in load-balanced views: start when these have finished
---@field follow? parallel.Result[] the same, on an engine that has run one of them

---@class (exact) parallel.MapOptions : parallel.CallOptions
---@field on? string | string[] "cluster", "threads", "processes", "serial": the first one available

---A failed task. As a string: message, worker's traceback, task, and the calling line.
---@class parallel.Error
---@field message string preceded by the position
---@field value any the error value, without the parts that cannot be sent
---@field omitted? string these parts, such as `.retry is a function`
---@field traceback string the worker's traceback, one line per function
---@field cause "error" | "timeout" | "cancelled" | "died" | "closed"
---@field index? integer the number of the task, from 1
---@field total? integer the number of tasks, if it is known
---@field kind "serial" | "threads" | "processes" | "cluster"
---@field worker? integer
---@field label? string
---@field place? string the calling line

---The state of a worker.
---@class parallel.WorkerStatus
---@field worker integer
---@field state "starting" | "idle" | "busy" | "broken" | "gone"
---@field tasks integer number of finished tasks
---@field pid integer
---@field host string
---@field thread? string
---@field engine? integer the id of a cluster's engine

---The state of a pool: a row for each worker, and these fields.
---@class parallel.Status
---@field [integer] parallel.WorkerStatus
---@field kind string
---@field open boolean
---@field workers integer
---@field busy integer
---@field idle integer
---@field waiting integer tasks that have not been sent to a worker
---@field tasks integer number of finished tasks
---@field replaced integer number of replaced workers

---The state of a task of an asynchronous call.
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
---@field engine? integer the id of the cluster's engine that ran it
---@field id? string the id of the request to a cluster, for `client:get_result`

---The future results of an asynchronous call. `#r` is the number of its tasks.
---@class parallel.Result
local Result = {}

---Waits, and returns the results of the call, or the list of them; with `on_error = "collect"` also
---a list of errors.
---@param timeout? number seconds, after which an error is raised
---@return any ...
function Result:get(timeout) end

---Waits, and returns whether all tasks have finished.
---@param timeout? number seconds
---@return boolean
function Result:wait(timeout) end

---@return boolean
function Result:ready() end

---Returns true if all tasks succeeded; raises an error while tasks are unfinished.
---@return boolean
function Result:successful() end

---Stops running tasks and drops waiting ones, at once.
function Result:cancel() end

---@return integer done
---@return integer total
function Result:progress() end

---Seconds from the call to its end, or until now.
---@return number
function Result:elapsed() end

---The sum of the tasks' run times in seconds.
---@return number
function Result:serial_time() end

---A row for each task.
---@return parallel.TaskRow[]
function Result:metadata() end

---The output of the tasks, in their order.
---@return string
function Result:stdout() end

---Iterates over the number and value of each task, in order, as results arrive.
---@return fun(): integer?, any
function Result:iter() end

---A pool of workers. `#v` is their number. Other fields are globals: `v.name` is the list of the
---workers' values, `v.name = value` sets it on each. To use them in an editor that checks names, write
---`---@type parallel.GlobalView` before the local variable, or call `v:push` and `v:pull`.
---@class parallel.View
---@field kind "serial" | "threads" | "processes" | "cluster"
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

---Runs `f(element, args...)` for each element; of an array, for each along the first axis.
---@param f fun(element: any, ...: any): any
---@param list any[] | array
---@param options? parallel.CallOptions
---@return any[] results in order
---@return parallel.Error[]? errors with `on_error = "collect"`
function View:map(f, list, options) end

---@param f fun(element: any, ...: any): any
---@param list any[] | array
---@param options? parallel.CallOptions
---@return parallel.Result
function View:map_async(f, list, options) end

---Like `map`, where each element is a list of arguments.
---@param f fun(...: any): any
---@param lists any[][] | array
---@param options? parallel.CallOptions
---@return any[] results in order
---@return parallel.Error[]? errors with `on_error = "collect"`
function View:starmap(f, lists, options) end

---@param f fun(...: any): any
---@param lists any[][] | array
---@param options? parallel.CallOptions
---@return parallel.Result
function View:starmap_async(f, lists, options) end

---Iterates over the number and value of each task, in order, as results arrive. An iterator is read
---only far enough ahead to keep the workers busy, and not while a result is ready.
---@param f fun(element: any, ...: any): any
---@param items any[] | array | function
---@param options? parallel.CallOptions
---@return fun(): integer?, any
function View:imap(f, items, options) end

---Like `imap`, in order of completion.
---@param f fun(element: any, ...: any): any
---@param items any[] | array | function
---@param options? parallel.CallOptions
---@return fun(): integer?, any
function View:imap_unordered(f, items, options) end

---Sets globals of every worker, including workers that start later.
---@param globals table<string, any>
function View:push(globals) end

---Returns, for each name, the list of the workers' values.
---@param name string
---@param ... string
---@return any[] ...
function View:pull(name, ...) end

---Splits the list, or an array along its first axis, among the workers, as a global.
---@param name string
---@param list any[] | array
function View:scatter(name, list) end

---Joins the workers' lists, or their arrays along the first axis.
---@param name string
---@return any[] | array
function View:gather(name) end

---Runs code on every worker; returns the list of its results.
---@param code string
---@return any[]
function View:execute(code) end

---@return fun(): integer?, parallel.WorkerStatus?
function View:each_worker() end

---@return parallel.Status
function View:status() end

---Completes the queued tasks and ends the workers.
function View:close() end

---Stops the workers immediately.
function View:terminate() end

---A view whose other fields are globals of its workers.
---@class parallel.GlobalView : parallel.View
---@field [string] any

---A queue of values between threads. `#c` is the number of waiting values. `local c <close> = channel`
---closes it at the end of the block.
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

---Iterates over the values until the channel is closed and empty.
---@return fun(): any
function Channel:iter() end

---Ends sending; waiting values can still be received.
function Channel:close() end

---Parallel tasks on threads, in processes and on clusters.
---@class parallel
---@field cores integer number of processors available to the program, limited by `vtlua run -j`
parallel = {}

---Creates a pool with one worker on the caller's thread; tasks run when they are sent.
---@param options? integer | parallel.PoolOptions
---@return parallel.View
function parallel.serial(options) end

---Creates a pool of threads, each with a Lua state.
---@param options? integer | parallel.PoolOptions
---@return parallel.View
function parallel.threads(options) end

---Creates a pool of child processes.
---@param options? integer | parallel.ProcessOptions
---@return parallel.View
function parallel.processes(options) end

---Connects to a cluster with engines of Lua or Python; returns nil and a reason if there is none.
---@param options? boolean | parallel.ClusterOptions `ask`, or a table
---@return parallel.Client?
---@return string? reason "no-controller", "timeout", "no-engines", "declined", "start-failed: ..."
---@return string? details what was found, and the next step
function parallel.get_client(options) end

---A view of the engines that are connected now; nil and a reason if there are none.
---@param options? boolean | parallel.DirectViewOptions `ask`, or a table
---@return parallel.GlobalView?
---@return string? reason as of `get_client`
---@return string? details as of `get_client`
function parallel.direct_view(options) end

---A view of all engines, including those that join later; nil and a reason if there are none.
---@param options? boolean | parallel.LoadBalancedViewOptions `ask`, or a table
---@return parallel.View?
---@return string? reason as of `get_client`
---@return string? details as of `get_client`
function parallel.load_balanced_view(options) end

---Creates a pool, runs `map`, and closes the pool.
---@param f fun(element: any, ...: any): any
---@param list any[] | array
---@param options? parallel.MapOptions
---@return any[] results
---@return any info `{ kind =, workers = }`; with `on_error = "collect"` the errors come before it
function parallel.map(f, list, options) end

---Waits until all are ready; returns false after the timeout.
---@param results parallel.Result[]
---@param timeout? number seconds
---@return boolean
function parallel.wait_all(results, timeout) end

---Waits until one is ready; returns its position and the result, or nothing after the timeout.
---@param results parallel.Result[]
---@param timeout? number seconds
---@return integer? position
---@return parallel.Result?
function parallel.wait_any(results, timeout) end

---Creates a channel.
---@param capacity? integer maximum number of waiting values; default 1024
---@return parallel.Channel
function parallel.channel(capacity) end

---Receives the next value of any of the channels; returns it and the channel, or nil and a reason.
---@param channels parallel.Channel[]
---@param timeout? number seconds
---@return any value
---@return parallel.Channel | "closed" | "timeout"
function parallel.select(channels, timeout) end

---Makes an array with the same elements over memory that all threads and processes write which get it.
---@param a array|table
---@return array
function parallel.shared(a) end

return parallel
