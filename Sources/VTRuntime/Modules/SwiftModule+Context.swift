// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTSystem
public import VTWorkflow

extension SwiftModule {
    /// The node that computes, for the code of a ``SwiftModule``: the counterpart of `self` in Lua.
    ///
    /// Its functions can be called from any task until `compute` returns.
    public final class Context: Sendable {
        /// The name of the node; empty if Lua code calls `compute` outside of a run.
        public let node: String
        private let module: Confined
        private let signal: LuaAsyncSignal
        private let messages = Monitor<[Message]>([])

        /// Unchecked: the context is used on its thread only, which ``deliver()`` runs on.
        private struct Confined: @unchecked Sendable {
            let context: ModuleContext?
            let thread: pthread_t
        }

        private enum Message: Sendable {
            case progress(Double, String?)
            case log(RunEvent.LogLevel, String)
            case annotation(String, LuaValue)
        }

        init(_ context: ModuleContext?, _ signal: LuaAsyncSignal) {
            node = context?.node ?? ""
            module = Confined(context: context, thread: pthread_self())
            self.signal = signal
        }

        /// Reports the progress of the module.
        ///
        /// - Parameters:
        ///   - fraction: from 0 to 1.
        ///   - note: a short text about the current work.
        public func progress(_ fraction: Double, _ note: String? = nil) {
            send(.progress(fraction, note))
        }

        /// Logs a message, as an event and in the record of the run.
        public func log(_ level: RunEvent.LogLevel = .info, _ message: String) {
            send(.log(level, message))
        }

        /// Adds an annotation to the record of the node.
        public func annotate(_ key: String, _ value: LuaValue) {
            send(.annotation(key, value))
        }

        private func send(_ message: Message) {
            messages.withLock { $0.append(message) }
            if pthread_equal(module.thread, pthread_self()) != 0 {
                deliver()
            } else {
                signal.notify()
            }
        }

        /// Passes the messages on, on the thread that computes.
        func deliver() {
            let all = messages.withLock { messages in
                defer { messages = [] }
                return messages
            }
            guard let context = module.context else { return }
            for message in all {
                switch message {
                case .progress(let fraction, let note): context.progress(fraction, note)
                case .log(let level, let text): context.log(level, text)
                case .annotation(let key, let value):
                    do {
                        try context.annotate(key, value)
                    } catch {
                        context.log(.warn, "\(error)")
                    }
                }
            }
        }
    }
}
