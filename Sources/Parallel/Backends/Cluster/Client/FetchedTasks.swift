// SPDX-License-Identifier: BSD-3-Clause

package import VTJupyter
internal import VTLuaBridge
internal import VTShipping
package import VTSystem

/// The reply to a request that another program sent, as the Hub has kept it.
package struct FetchedTasks {
    private let content: JSON
    private let buffers: [Part]

    /// - Parameters:
    ///   - content: that of the engine's reply.
    ///   - buffers: those of the reply.
    package init(_ content: JSON, _ buffers: [Part]) {
        self.content = content
        self.buffers = buffers
    }

    /// A call whose tasks have ended with these results.
    ///
    /// - Throws: ``ConnectionError`` when the reply is not one to tasks of Lua, or is damaged.
    func call(
        completion: CompletionEvent, interrupter: any TaskInterrupter, sender: LuaFrame?
    ) throws(ConnectionError) -> Call {
        guard content["lang"].string == "lua", let count = content["count"].int,
            (1..<(1 << 24)).contains(count), let number = content["call"].int,
            let form = UInt8(exactly: number).flatMap({ Call.Form(rawValue: $0) })
        else { throw ConnectionError("these are not results of Lua tasks") }
        guard digest(of: buffers) == content["digest"].string else {
            throw ConnectionError("the stored results are damaged")
        }
        let nothing = Shipment(copying: UnsafeRawBufferPointer(start: nil, count: 0))
        let call = Call(
            head: nothing, form: form, options: CallOptions(), total: count, sender: sender,
            completion: completion, interrupter: interrupter)
        let batch = TaskBatch(
            call: call, first: 0, offsets: Array(repeating: 0, count: count), payload: nothing)
        call.add(batch)
        do {
            let memory = try ResultMemory(content["memory"])
            _ = try batch.takeResults(buffers, memory, of: 0..<count, worker: 0) { index, _ in
                batch.cancel(index..<(index + 1))
            }
        } catch { throw ConnectionError("the stored results are damaged") }
        return call
    }
}
