// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import Glibc
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// The child's side of a worker that is a process.
enum ChildProcess {
    /// The descriptor of the socket to the parent.
    static let channel: Int32 = 3

    /// Runs this process as a worker if it was started as one, and never returns then. It must be
    /// called before anything else.
    static func runIfAsked(
        makeState: @escaping WorkerStateMaker, refused: (String) -> Void
    ) {
        guard CommandLine.argc == 4, let word = CommandLine.unsafeArgv[1],
            strcmp(word, "--worker") == 0,
            let number = Int(String(cString: CommandLine.unsafeArgv[2]!)),
            let parent = Int32(String(cString: CommandLine.unsafeArgv[3]!))
        else { return }
        Sandbox.noteInherited()
        // Ctrl-C goes to the whole group of the terminal: the parent decides what it means.
        signal(SIGINT, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        // The parent reports a crash; the Swift runtime's own report would only delay it.
        for crash in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { signal(crash, SIG_DFL) }
        checkChannel("--worker", refused)
        // Programs that tasks start do not inherit the socket.
        _ = fcntl(channel, F_SETFD, FD_CLOEXEC)
        guard vty_end_session_with_parent(parent) else { _exit(0) }
        Programs.endWithProcess()
        ChildWorker(number: number, makeState: makeState).main()
        // Buffered output is flushed; the system frees the rest. The parent may be gone, which would
        // end what tasks have left in the background.
        fflush(nil)
        Programs.killAll()
        _exit(0)
    }

    /// Ends the process, with a message, when it was not started by this program.
    static func checkChannel(_ word: String, _ refused: (String) -> Void) {
        var status = stat()
        guard fstat(channel, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            refused("\(word) is for vtlua's own use")
            exit(2)
        }
    }
}

/// Runs the tasks that the parent sends.
private final class ChildWorker {
    private let number: Int
    private let makeState: WorkerStateMaker
    private let link = Link(ChildProcess.channel)
    private let page: UnsafeMutablePointer<vtp_page>
    private let runningTask: RunningTask
    private let interrupter: ChildInterrupter
    private var call: Call?

    init(number: Int, makeState: @escaping WorkerStateMaker) {
        self.number = number
        self.makeState = makeState
        page = Self.receivePage()
        runningTask = RunningTask(current: &page.pointee.current)
        interrupter = ChildInterrupter(runningTask: runningTask, page: page, link: link)
    }

    private static func receivePage() -> UnsafeMutablePointer<vtp_page> {
        var byte: UInt8 = 0
        var descriptors: [Int32] = [-1, -1]
        var count: Int32 = 2
        guard vty_receive(ChildProcess.channel, &byte, 1, &descriptors, &count, true) == 1,
            count >= 1,
            let page = vty_memory_map(descriptors[0], vtp_page_size(), true)
        else { _exit(0) }
        close(descriptors[0])
        if count == 2 { Slots.join(descriptors[1]) }
        return page.bindMemory(to: vtp_page.self, capacity: 1)
    }

    func main() {
        do {
            try interrupter.listen()
            // The output of C libraries is neither late nor lost.
            vty_line_output()
            var (options, setup) = try receiveOptions()
            options.count = 1
            if let limit = options.memoryLimit {
                // Lua's own limit comes first, and is an error that can be caught.
                _ = vty_limit_memory(2 * limit + (64 << 20))
            }
            let state: LuaState
            do {
                state = try makeState(options)
            } catch {
                return refuse(TaskFailure(start: error))
            }
            state.run { lua in
                do {
                    let taskRunner = try TaskRunner(
                        worker: number, runningTask: runningTask,
                        rules: [.sharedStrings, .sharedMemory], page: page, lua)
                    if options.sendsOutput { sendOutput(of: taskRunner) }
                    try taskRunner.start(options, setup, lua)
                    try link.send(FrameHeader(.ready))
                    try serve(taskRunner, lua)
                    taskRunner.close(lua)
                } catch let failure as TaskFailure {
                    refuse(failure)
                } catch {}
            }
        } catch {}
    }

    private func sendOutput(of taskRunner: TaskRunner) {
        taskRunner.capture.listener = { [interrupter, link] bytes in
            // Earlier results are sent first.
            interrupter.results.withLock { results in
                try? results.flush(to: link)
                try? link.send(FrameHeader(.output), Array(bytes))
            }
        }
    }

    private func refuse(_ failure: TaskFailure) {
        var body = ByteWriter()
        body.add(failure)
        try? link.send(FrameHeader(.refusal), body.bytes)
    }

    private func receiveOptions() throws -> (WorkerOptions, [SetupStep]) {
        var options = WorkerOptions(count: 1)
        var parts: [Shipment] = []
        while case .frame(let frame) = try link.receive(until: Clock.never) {
            var reader = ByteReader(frame.body)
            switch frame.kind {
            case .hello: options = try reader.readWorkerOptions()
            case .initializer: options.initializer = try frame.payload(&reader)
            case .setup: parts.append(try frame.payload(&reader))
            default:
                let steps = stride(from: 0, to: parts.count - 1, by: 2).map {
                    SetupStep(head: parts[$0], payload: parts[$0 + 1])
                }
                return (options, steps)
            }
        }
        throw ByteReader.Damaged()
    }

    // MARK: Tasks

    private func serve(_ taskRunner: TaskRunner, _ lua: borrowing Lua) throws {
        while true {
            // Results are sent before the thread waits.
            if !link.hasFrame { try interrupter.results.withLock { try $0.flush(to: link) } }
            if !link.hasFrame { taskRunner.rest(lua) }
            guard case .frame(let frame) = try link.receive(until: Clock.now + 2 * Clock.second)
            else {
                interrupter.results.withLock { _ in link.rest() }
                continue
            }
            var reader = ByteReader(frame.body)
            switch frame.kind {
            case .call: try begin(frame, &reader)
            case .tasks: try run(frame, &reader, taskRunner, lua)
            default: throw ByteReader.Damaged()
            }
        }
    }

    private func begin(_ frame: Link.Frame, _ reader: inout ByteReader) throws {
        let options = try reader.readCallOptions()
        guard let form = Call.Form(rawValue: UInt8(clamping: frame.header.form)) else {
            throw ByteReader.Damaged()
        }
        let head = try frame.payload(&reader)
        let call = Call(
            number: Int(frame.header.call), head: head, form: form, options: options,
            interrupter: interrupter)
        call.receiveAccesses(AccessBuffer())
        self.call = call
        interrupter.call.withLock { $0 = (call, Int32(clamping: frame.header.first)) }
    }

    private func run(
        _ frame: Link.Frame, _ reader: inout ByteReader, _ taskRunner: TaskRunner,
        _ lua: borrowing Lua
    ) throws {
        guard let call, Int64(call.number) == frame.header.call else { throw ByteReader.Damaged() }
        let count = Int(frame.header.count)
        var offsets: [UInt32] = []
        var attempts: [UInt32] = []
        for _ in 0..<count {
            let entry = try reader.read(TaskEntry.self)
            offsets.append(entry.offset)
            attempts.append(entry.attempts)
        }
        let payload = try frame.payload(&reader)
        let batch = TaskBatch(
            call: call, first: Int(frame.header.first), offsets: offsets, payload: payload)
        for index in 0..<count { batch[index].pointee.attempts = UInt16(clamping: attempts[index]) }
        vtp_store(&page.pointee.call, Int64(call.number))
        defer { vtp_store(&page.pointee.call, 0) }
        interrupter.checkPage()
        let chunk = Chunk(batch: batch, range: 0..<count)
        var isDone = false
        while !isDone {
            isDone = try lua.limited(cancellation: runningTask.freshCancellation()) { lua in
                taskRunner.perform(chunk, lua) { range in
                    interrupter.results.withLock { results in
                        vty_flush_output()
                        for index in range { try? results.add(batch, index, link) }
                        // The parent waits for results, unless the next one follows at once.
                        if results.isLarge || results.age > 100_000 {
                            try? results.flush(to: link)
                        }
                    }
                }
            }
        }
    }
}

/// Receives the parent's signal: tasks are not wanted any more, or results are due.
///
/// Unchecked: the words of the page are atomic; the rest is constant or behind a lock.
private final class ChildInterrupter: TaskInterrupter, @unchecked Sendable {
    /// The call whose tasks the child runs, and its place in the page.
    let call = Monitor<(call: Call, place: Int32)?>(nil)
    /// The results that were not sent yet. A thread that sends anything holds the lock.
    let results = Monitor(ResultWriter())
    private let runningTask: RunningTask
    private let page: UnsafeMutablePointer<vtp_page>
    private let link: Link

    init(runningTask: RunningTask, page: UnsafeMutablePointer<vtp_page>, link: Link) {
        self.runningTask = runningTask
        self.page = page
        self.link = link
    }

    func interrupt(_ call: Call) { runningTask.interrupt(call) }

    /// Stops the tasks that the page says are not wanted.
    func checkPage() {
        var first: Int64 = 0
        guard let (call, place) = call.withLock({ $0 }),
            vtp_page_cancelled(page, place, Int64(call.number), &first)
        else { return }
        call.stop(from: Int(first))
        runningTask.interrupt(call)
    }

    /// Starts a thread that waits for the parent's signal, which all other threads block.
    func listen() throws {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGUSR2)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        try startThread("vtlua-listen", stackSize: 256 << 10) { [self] in
            vty_continue_at_end_of_parent()
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, SIGUSR2)
            var signal: Int32 = 0
            while true {
                guard sigwait(&set, &signal) == 0 else { continue }
                checkPage()
                results.withLock { try? $0.flush(to: link) }
            }
        }
    }
}
