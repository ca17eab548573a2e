-- SPDX-License-Identifier: BSD-3-Clause
---@meta vt

---The type of a port: "any", "boolean", "integer", "number", "string", "function", "list",
---"list<T>", "table", "array", "module", "file", "dir", "stream<T>", or a type created by `vt.type`.
---@alias vt.PortType string | vt.Type

---An input, an output or a parameter: its type, or a table whose first element is the type.
---@class vt.Port
---@field [1] vt.PortType
---@field doc? string a one-line description
---@field default? any the value used when none is given
---@field optional? boolean whether the input may be absent
---@field min? number
---@field max? number
---@field choices? any[] the allowed values
---@field secret? boolean whether the value of a parameter, a string, is hidden in all output and records
---@field env? string the environment variable that gives a parameter, a string, its value
---@field compare? "content" | "time" | "name" the parts of a file or directory that are compared before a result is used again

---A custom port type.
---@class vt.Type
---@field name string

---@class vt.TypeSpec
---@field name string
---@field check? fun(value: any): boolean, string? true, or false and a reason
---@field convert? fun(value: any): any returns the value passed to `compute`

---@class vt.ModuleSpec
---@field name string such as "img.blur"
---@field version? string a new version is computed again
---@field doc? string
---@field inputs? table<string, vt.PortType | vt.Port>
---@field outputs? table<string, vt.PortType | vt.Port>
---@field requires? ("serial" | "threads" | "processes" | "cluster")[] checked before anything runs
---@field cache? boolean | fun(inputs: table): boolean
---@field timeout? number maximum seconds for `compute`
---@field retries? integer attempts after the first

---An output of `vt.command`.
---@class vt.CommandOutput: vt.Port
---@field suffix? string the end of the file's name, such as ".gz"
---@field path? string the whole path, with placeholders, in place of a name by content
---@field glob? string of a list<file>: the pattern of the files that the program writes

---An argument of `vt.command`: a text with placeholders, or a group that is repeated or left out as a whole.
---@alias vt.CommandArgument string | number | { [integer]: string | number, when?: string }

---@class vt.CommandSpec
---@field name string
---@field doc? string
---@field program? string the program
---@field arguments? vt.CommandArgument[] such as { "-9", "{input}" }
---@field shell? string a command line in place of the two
---@field inputs? table<string, vt.PortType | vt.Port>
---@field outputs? table<string, vt.PortType | vt.CommandOutput>
---@field stdin? string an input that becomes standard input
---@field stdout? string an output that gets standard output
---@field stderr? string an output that gets standard error
---@field version? string[] | string arguments that print the program's version; a text: the version of the module
---@field directory? string the working directory, with placeholders
---@field env? table<string, string | number | false> variables to set; false removes one
---@field check? boolean | integer[] false: failures are no errors; a list: the exit codes that are none
---@field log? boolean | "output" | "error" what is added to the log
---@field cache? boolean | fun(inputs: table): boolean
---@field timeout? number
---@field retries? integer
---@field requires? ("serial" | "threads" | "processes" | "cluster")[]

---@class vt.Log
---@field debug fun(message: any, ...: any)
---@field info fun(message: any, ...: any)
---@field warn fun(message: any, ...: any)
---@field error fun(message: any, ...: any)

---A module: add a method `compute` and return it.
---@class vt.Module
---@field name string
---@field version string
---@field scratch string a temporary directory, removed after `compute`
---@field log vt.Log
local Module = {}

---Computes the outputs.
---@param inputs table<string, any>
---@return table<string, any>? outputs
function Module:compute(inputs) end

---@param name string
---@return any
function Module:get_input(name) end

---@param name string
---@return boolean
function Module:has_input(name) end

---@param name string
---@param value any
function Module:set_output(name, value) end

---@param fraction number 0 to 1
---@param note? string
function Module:progress(fraction, note) end

---Adds fields to the run's record.
---@param notes table<string, any>
function Module:annotate(notes) end

---Ends `compute` although the work goes on outside, such as a job of a cluster: the next run calls the
---module's method `resume` with the handle.
---@param handle string | number | table data only
function Module:suspend(handle) end

---Called in place of `compute` in a run after `self:suspend`. Returns the outputs, or suspends again.
---@param inputs table<string, any>
---@param handle any
---@return table<string, any>?
function Module:resume(inputs, handle) end

---Called with the handle of work whose inputs or code have changed, and by `vtlua cancel`.
---@param handle any
function Module:cancel(handle) end

---Stops with a message for the user, without a traceback.
---@param message string with further arguments, a format for `string.format`
---@param ... any
function Module:fail(message, ...) end

---@class vt.WorkflowSpec
---@field name string
---@field doc? string
---@field params? table<string, vt.PortType | vt.Port>
---@field build? fun(flow: vt.Workflow, p: table<string, any>) adds the nodes, given the values of the parameters, each time a plan is made; it must call `flow:outputs`

---A node's output port, or a parameter: pass it as an input to connect it.
---@class vt.Source

---The elements of a list, as an input: the module computes once for each.
---@class vt.Elements

---A node: its fields are its output ports. With `vt.each`, each is the list of the elements' outputs.
---@class vt.Node
---@field [string] vt.Source

---Options of a node. A list of places as `on` stands for the first that is available.
---@class (exact) vt.AddOptions
---@field on? vt.Place | vt.Place[] where `compute` runs
---@field cores? integer the processors of the budget of `vtlua run -j` that the module takes; default 1
---@field memory? integer | string the memory that the module needs: bytes, or a text such as "2GiB"
---@field timeout? number maximum seconds for `compute`; with `vt.each`, for each element
---@field retries? integer attempts after the first
---@field chunksize? integer elements that a worker takes at a time
---@field on_error? "stop" | "collect" with "collect", failed elements are left out of the outputs, and the node has the further outputs `kept` and `errors`

---A place where a module computes.
---@alias vt.Place "interpreter" | "threads" | "processes" | "cluster"

---@class (exact) vt.RunOptions
---@field params? table<string, any>
---@field targets? string[] run only these nodes and their dependencies
---@field keep_going? boolean after a failure skip dependent nodes instead of raising an error
---@field cache? boolean false to compute everything
---@field timeout? number
---@field retries? integer
---@field jobs? integer the number of modules and tasks that run at once; default 1
---@field store? string|boolean the directory of results and records; false keeps nothing; default: as `vtlua run`

---@class vt.NodeResult
---@field status "computed" | "cached" | "failed" | "skipped" | "not-needed" | "suspended" | "stopped"
---@field seconds number
---@field printed string
---@field error? string
---@field annotations? table<string, any>

---@class vt.RunResult
---@field outputs table<string, any>
---@field nodes table<string, vt.NodeResult>
---@field run string
---@field status "done" | "failed"

---@class vt.Workflow
---@field name string
---@field params table<string, vt.Source>
local Workflow = {}

---Adds a node.
---@param name string
---@param module string | vt.Module | vt.Workflow
---@param inputs? table<string, any> values, ports, tables with ports, and what `vt.each`, `vt.zip` and `vt.cross` return
---@param options? vt.AddOptions
---@return vt.Node
function Workflow:add(name, module, inputs, options) end

---Connects a port to an input of an existing node.
---@param source any
---@param node vt.Node
---@param input string
function Workflow:connect(source, node, input) end

---Sets the workflow's outputs and returns the workflow.
---@param ports table<string, vt.Source>
---@return vt.Workflow
function Workflow:outputs(ports) end

---Runs the workflow.
---@param options? vt.RunOptions
---@return vt.RunResult
function Workflow:run(options) end

---Modules, workflows and related functions.
---@class vt
---@field version string
vt = {}

---Creates a module.
---@param spec vt.ModuleSpec
---@return vt.Module
function vt.module(spec) end

---Makes a module that runs a program. Texts in braces, such as `{input}`, stand for ports.
---@param spec vt.CommandSpec
---@return vt.Module
function vt.command(spec) end

---Creates a workflow.
---@param spec vt.WorkflowSpec
---@return vt.Workflow
function vt.workflow(spec) end

---Creates a port type.
---@param spec vt.TypeSpec
---@return vt.Type
function vt.type(spec) end

---The elements of a list, as an input of `flow:add`: the module computes once for each, and each output
---is the list of the results, in the same order. `vt.each(vt.each(list))` goes two levels down. Of an array, the
---elements are those of the first axis.
---@param list any[] | array | vt.Source | vt.Elements
---@return vt.Elements elements
function vt.each(list) end

---The elements of two or more lists of equal length, in pairs: one result for each list, to be inputs of
---one node.
---@param ... any[] | vt.Source
---@return vt.Elements ... one for each list
function vt.zip(...) end

---The combinations of the elements of two or more lists: one result for each list, to be inputs of one
---node. The elements of the first list change slowest.
---@param ... any[] | vt.Source
---@return vt.Elements ... one for each list
function vt.cross(...) end

---@class (exact) vt.ComputeOptions
---@field timeout? number maximum seconds for `compute`
---@field retries? integer attempts after the first

---Further results of a computation.
---@class vt.ComputeInfo
---@field printed string
---@field annotations table<string, any>
---@field seconds number

---Computes one module. Checks inputs and fills in defaults; caches nothing. Raises the errors of
---`compute`.
---@param module string | vt.Module | vt.Workflow
---@param inputs? table<string, any>
---@param options? vt.ComputeOptions
---@return table<string, any> outputs
---@return vt.ComputeInfo info
function vt.compute(module, inputs, options) end

---Options of `vt.sweep`.
---@class (exact) vt.SweepOptions
---@field zip? boolean pairs the lists instead of combining them
---@field keep_going? boolean goes on after a combination has failed
---@field on? "processes" | "cluster" modules compute on processes, or on engines of a cluster
---@field jobs? integer the number of modules that compute at once
---@field targets? string[]
---@field cache? boolean
---@field timeout? number seconds
---@field retries? integer
---@field store? boolean | string

---A combination of a sweep.
---@class vt.SweepRow
---@field params table<string, any>
---@field outputs? table<string, any>
---@field status "done" | "suspended" | "failed"
---@field run? string
---@field error? string

---Runs a workflow for each combination of values of its parameters.
---@param flow vt.Workflow
---@param values table<string, any[]>
---@param options? vt.SweepOptions
---@return vt.SweepRow[]
function vt.sweep(flow, values, options) end

---Creates a directory and its parents.
---@param path string
---@return string path
function vt.mkdir(path) end

---Opens a prompt on the terminal with the variables of the calling function, and returns when the
---prompt ends.
function vt.breakpoint() end

---Registers a metatable under a name, so that objects keep it when they are sent to workers.
---@generic T : table
---@param name string
---@param metatable T
---@return T metatable
function vt.class(name, metatable) end

---Seconds of a monotonic clock, for measuring durations.
---@return number
function vt.now() end

return vt
