// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

extension Lua {
    /// The error for a value that cannot be sent, with the caller's line.
    func refused(
        _ refusal: ShippingRefusal, sending subject: String,
        element name: (Int) -> String = { _ in "" }
    ) -> LuaError {
        error(refusal.advised.message(sending: subject, element: name))
    }
}

extension ShippingRefusal {
    /// The same with better advice for the types of VTLua itself.
    var advised: ShippingRefusal {
        var advised = self
        for index in offenders.indices {
            let found = Self.advice.first { offenders[index].what.contains($0.type + " (") }
            if let found { advised.offenders[index].remedy = found.remedy }
        }
        return advised
    }

    private static let advice: [(type: String, remedy: String)] = [
        ("vt.self", "Pass the values that the task needs as arguments."),
        ("vt.module", "Pass the values that the task needs as arguments, or require it there."),
        ("parallel.channel", "A channel is for threads; tasks elsewhere return their results."),
        ("parallel.view", "A pool cannot be sent; use parallel.serial() inside a task."),
        ("parallel.result", "Get its results and send those."),
    ]
}
