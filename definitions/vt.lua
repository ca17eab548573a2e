-- SPDX-License-Identifier: BSD-3-Clause
---@meta vt

---What a port carries: "any", "boolean", "integer", "number", "string", "function", "list",
---"list<T>", "table", "array", "file" or "dir", or what `vt.type` gave.
---@alias vt.PortType string | vt.Type

---An input, an output or a parameter: its type, or a table with the type first.
---@class vt.Port
---@field [1] vt.PortType
---@field doc? string one line for people
---@field default? any used when nothing is given
---@field optional? boolean may be absent
---@field min? number
---@field max? number
---@field choices? any[] the values that are allowed

---A port type of one's own.
---@class vt.Type
---@field name string

---@class vt.TypeSpec
---@field name string
---@field check? fun(value: any): boolean, string? true, or false and a reason
---@field convert? fun(value: any): any the value that `compute` gets

---@class vt.ModuleSpec
---@field name string such as "img.blur"
---@field version? string part of the key of its results
---@field doc? string
---@field inputs? table<string, vt.PortType | vt.Port>
---@field outputs? table<string, vt.PortType | vt.Port>
---@field requires? ("serial" | "threads" | "processes" | "cluster")[] checked before anything runs
---@field cache? boolean | fun(inputs: table): boolean
---@field timeout? number seconds that `compute` may take
---@field retries? integer attempts after the first

---@class vt.Log
---@field debug fun(message: any, ...: any)
---@field info fun(message: any, ...: any)
---@field warn fun(message: any, ...: any)
---@field error fun(message: any, ...: any)

---A module: give it a method `compute` and return it.
---@class vt.Module
---@field name string
---@field version string
---@field scratch string a private directory, removed when `compute` is done
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

---Adds to the run's record.
---@param notes table<string, any>
function Module:annotate(notes) end

---Stops with a message for the user, without a traceback.
---@param message string with more arguments, a format as of `string.format`
---@param ... any
function Module:fail(message, ...) end

---@class vt.WorkflowSpec
---@field name string
---@field doc? string
---@field params? table<string, vt.PortType | vt.Port>

---A node's output port, or a parameter: give it as an input to connect it.
---@class vt.Source

---A node: its fields are its output ports.
---@class vt.Node
---@field [string] vt.Source

---@class vt.AddOptions
---@field timeout? number
---@field retries? integer

---@class vt.RunOptions
---@field params? table<string, any>
---@field targets? string[] only these nodes and what they depend on
---@field keep_going? boolean a failed module is no error; what depends on it is skipped
---@field cache? boolean false: compute everything
---@field timeout? number
---@field retries? integer

---@class vt.NodeResult
---@field status "computed" | "cached" | "failed" | "skipped"
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
---@param inputs? table<string, any>
---@param options? vt.AddOptions
---@return vt.Node
function Workflow:add(name, module, inputs, options) end

---Connects a port to an input of a node that is there already.
---@param source any
---@param node vt.Node
---@param input string
function Workflow:connect(source, node, input) end

---Names the workflow's outputs.
---@param ports table<string, vt.Source>
---@return vt.Workflow
function Workflow:outputs(ports) end

---Runs the workflow.
---@param options? vt.RunOptions
---@return vt.RunResult
function Workflow:run(options) end

---What a script has of VTLua: modules, workflows, and what helps them.
---@class vt
---@field version string
vt = {}

---Describes a module.
---@param spec vt.ModuleSpec
---@return vt.Module
function vt.module(spec) end

---Begins a workflow.
---@param spec vt.WorkflowSpec
---@return vt.Workflow
function vt.workflow(spec) end

---Makes a port type.
---@param spec vt.TypeSpec
---@return vt.Type
function vt.type(spec) end

---@class vt.ComputeOptions
---@field timeout? number seconds that `compute` may take
---@field retries? integer attempts after the first

---What else there is to say of a computation.
---@class vt.ComputeInfo
---@field printed string
---@field annotations table<string, any>
---@field seconds number

---Computes one module, alone: inputs are checked and defaults filled in, nothing is kept. Raises
---what `compute` raises.
---@param module string | vt.Module | vt.Workflow
---@param inputs? table<string, any>
---@param options? vt.ComputeOptions
---@return table<string, any> outputs
---@return vt.ComputeInfo info
function vt.compute(module, inputs, options) end

---Makes a directory and its parents.
---@param path string
---@return string path
function vt.mkdir(path) end

---Opens a prompt on the terminal with the variables of the function that calls, and goes on when
---the prompt ends.
function vt.breakpoint() end

---Gives a metatable a name, by which objects keep it on their way to workers and back.
---@generic T : table
---@param name string
---@param metatable T
---@return T metatable
function vt.class(name, metatable) end

---Seconds on a clock that only goes forward, for measuring.
---@return number
function vt.now() end

return vt
