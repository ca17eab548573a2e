// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTShipping
internal import VTSystem

/// Gives the tasks of a view to the engines of its cluster, and takes their results.
///
/// It belongs to the client's thread; other threads use its ``ClusterBackend``.
final class ClusterScheduler {
    typealias Member = ClusterBackend.Member

    let backend: ClusterBackend
    let transport: ClusterTransport
    var client: ClusterClient { backend.client }
    var options: ClusterViewOptions { backend.options }
    var queue: TaskQueue { backend.queue }
    var state: Monitor<ClusterBackend.State> { backend.state }
    var isFixed: Bool { backend.isFixed }

    /// The chunks that were sent and not answered, by the id of their message.
    var chunksInFlight: [String: InFlightChunk] = [:]
    /// The batch that each worker takes from, by its number.
    var batches: [Int: TaskBatch] = [:]
    /// The version of the client's list of engines that the members are of.
    var knownVersion = -1
    /// Batches that wait until others have ended.
    var held: [TaskBatch] = []
    /// Attempts that wait until a lost engine is replaced.
    var postponed: [PostponedChunk] = []
    /// The engines that have tasks, by number of the member.
    var watches: [Int: EngineWatch] = [:]
    /// The search for chunks that a controller had which was restarted.
    var search: ChunkSearch?
    /// The time since which there are tasks and no engine.
    var noEnginesSince: Int64?
    private var nextOrder = 0

    init(_ backend: ClusterBackend, _ transport: ClusterTransport) {
        self.backend = backend
        self.transport = transport
    }

    /// A chunk on its way.
    struct InFlightChunk {
        var chunk: Chunk
        /// The member that has it; nil: one that the controller chooses.
        var member: Int?
        var order: Int
        /// The number of bytes that were sent.
        var bytes = 0
        /// Keep the memory that the engine reads.
        var segments: [Segment] = []
    }

    /// The next attempt of a task that was lost with its engine.
    struct PostponedChunk {
        var chunk: Chunk
        /// The number of engines that there were before.
        var engines: Int
        var deadline: Int64
    }

    func takeOrder() -> Int {
        nextOrder += 1
        return nextOrder
    }
}
