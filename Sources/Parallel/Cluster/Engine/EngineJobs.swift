// SPDX-License-Identifier: BSD-3-Clause

internal import Jupyter
internal import Shipping

/// The jobs that an engine has the function of, by client and number.
struct EngineJobs {
    private var jobs: [Key: Job] = [:]
    private var order: [Key] = []
    /// From which task on a job is not wanted, for what has not come yet.
    private var unwanted: [Key: Int] = [:]

    private struct Key: Hashable {
        var client: String
        var number: Int
    }

    /// A client sends the function again when it was forgotten.
    private static let most = 64

    /// The job of a heading; it is made when the head comes along.
    mutating func job(
        _ heading: TaskHeading, client: String, head: Shipment?, crew: any Crew
    ) throws(Refusal) -> Job {
        let key = Key(client: client, number: heading.job)
        if let known = jobs[key] { return known }
        guard let head else { throw Refusal(.unknownJob) }
        var options = heading.options
        // The client has chosen: what comes together is run together.
        options.chunkSize = 1 << 24
        let job = Job(
            head: head, call: heading.call, options: options, crew: crew)
        if let first = unwanted[key] { job.stop(from: first) }
        jobs[key] = job
        order.append(key)
        if order.count > Self.most { jobs[order.removeFirst()] = nil }
        return job
    }

    /// Tasks of a job may still be with the controller's scheduler when nobody wants them.
    mutating func note(client: String, number: Int, unwantedFrom first: Int) {
        if unwanted.count > 1000 { unwanted = [:] }
        let key = Key(client: client, number: number)
        unwanted[key] = min(first, unwanted[key] ?? first)
    }

    mutating func forget(_ job: Job) {
        for (key, known) in jobs where known === job { jobs[key] = nil }
    }

    func find(client: String, number: Int) -> Job? {
        jobs[Key(client: client, number: number)]
    }
}

/// Makes a job's end known to the worker's process.
final class EngineCrew: Crew {
    private let server: ProcessServer
    init(_ server: ProcessServer) { self.server = server }
    func interrupt(_ job: Job) { server.interrupt(job) }
}
