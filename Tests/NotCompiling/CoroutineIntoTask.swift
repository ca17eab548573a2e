// SPDX-License-Identifier: BSD-3-Clause
// expect: sending

import VTLuaBridge

func send(_ coroutine: LuaCoroutine) {
    Task { _ = coroutine.isSuspended }
}
