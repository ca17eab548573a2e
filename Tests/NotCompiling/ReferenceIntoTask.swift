// SPDX-License-Identifier: BSD-3-Clause
// expect: sending

import VTLuaBridge

func send(_ reference: LuaReference) {
    Task { _ = reference }
    _ = reference
}
