// SPDX-License-Identifier: BSD-3-Clause

// Programs that import VTRuntime use runs, events and Lua values without a second import.
@_exported public import VTLuaBridge
@_exported public import VTParallel
@_exported public import VTWorkflow
