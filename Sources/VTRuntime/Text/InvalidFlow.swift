// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
package import VTWorkflow

/// An error in a workflow script, or a script that does not return a workflow.
package struct InvalidFlow: Error, Sendable {
    package enum Reason: Sendable { case unreadable, script }
    package var path: String
    package var message: String
    package var location: SourceLocation?
    package var callers: [LuaFrame]
    package var reason: Reason

    init(path: String, message: String, reason: Reason = .script) {
        self.path = path
        self.message = message
        self.reason = reason
        callers = []
    }

    init(path: String, _ error: LuaError) {
        self.path = path
        reason = .script
        let place = ErrorPlace(error, in: path)
        (message, location, callers) = (place.message, place.location, place.callers)
    }
}
