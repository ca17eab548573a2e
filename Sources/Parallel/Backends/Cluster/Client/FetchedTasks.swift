// SPDX-License-Identifier: BSD-3-Clause

package import VTJupyter
package import VTLuaBridge
internal import VTShipping
package import VTSystem

extension AsyncResult {
    /// The results of a request that another program has sent, as the Hub has kept them.
    ///
    /// - Parameters:
    ///   - content: that of the engine's reply.
    ///   - buffers: those of the reply.
    ///   - view: any of the same cluster.
    /// - Throws: ``ConnectionError`` for what is no result of tasks of Lua.
    package static func fetched(
        _ content: JSON, _ buffers: [Part], _ view: View, _ lua: borrowing Lua
    ) throws -> AsyncResult {
        guard content["lang"].string == "lua", let count = content["count"].int,
            (1..<(1 << 24)).contains(count), let number = content["call"].int,
            let form = UInt8(exactly: number).flatMap({ Call.Form(rawValue: $0) })
        else { throw ConnectionError("these are no results of tasks of Lua") }
        guard digest(of: buffers) == content["digest"].string else {
            throw ConnectionError("the results were damaged where they were kept")
        }
        let nothing = Shipment(copying: UnsafeRawBufferPointer(start: nil, count: 0))
        let call = Call(
            head: nothing, form: form, options: CallOptions(), total: count,
            sender: lua.caller(), completion: view.completion, interrupter: view.backend)
        let batch = TaskBatch(
            call: call, first: 0, offsets: Array(repeating: 0, count: count), payload: nothing)
        call.add(batch)
        do {
            _ = try batch.takeResults(buffers, of: 0..<count, worker: 0) { index, _ in
                batch.cancel(index..<(index + 1))
            }
        } catch { throw ConnectionError("the results were damaged where they were kept") }
        return AsyncResult(call, view, isSingle: form == .apply)
    }
}
