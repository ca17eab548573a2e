// SPDX-License-Identifier: BSD-3-Clause
// expect: not concurrency-safe

import VTLuaBridge

nonisolated(nonsending) func nothing() async {}

let shared: LuaReference? = nil
