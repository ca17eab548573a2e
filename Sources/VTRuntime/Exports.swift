// SPDX-License-Identifier: BSD-3-Clause

// Who imports VTRuntime speaks of runs, events and Lua values without a second import.
@_exported public import LuaBridge
@_exported public import Parallel
@_exported public import Workflow
