// SPDX-License-Identifier: BSD-3-Clause
// expect: 'state' cannot be captured by an escaping closure

import VTLuaBridge

func share(_ state: borrowing LuaState) {
    Task { state.run { $0.top } }
}
