// SPDX-License-Identifier: BSD-3-Clause

/// An action that the user is offered when a Lua script asks for a cluster and there is none.
public enum ClusterOffer: Sendable, Equatable {
    /// Start a controller: the profile has none, or none that answers.
    case startController(profile: String)
    /// Start this number of engines: the cluster has none.
    case startEngines(Int)
    /// Choose one of several profiles.
    case chooseProfile([String])

    /// The question to ask the user, without a list of answers.
    public var question: String {
        switch self {
        case .startController(let profile):
            "There is no IPython cluster in the profile \"\(profile)\". Start one?"
        case .startEngines(let count):
            "The cluster has no engines. Start \(count)?"
        case .chooseProfile(let names):
            "Which profile: \(names.joined(separator: ", "))?"
        }
    }
}

/// The answer to a ``ClusterOffer``.
public enum ClusterAnswer: Sendable, Equatable {
    /// Accepts the offer.
    case yes
    /// Declines the offer.
    case no
    /// The user cannot be asked: there is no terminal, and no answer was given in advance.
    case unanswerable
    /// The profile of this name, for ``ClusterOffer/chooseProfile(_:)``.
    case profile(String)
}

/// Answers an offer, on the thread of the Lua state that asks for a cluster.
public typealias ClusterAnswering = @Sendable (ClusterOffer) -> ClusterAnswer

/// The place of a cluster: an IPython profile, and which of its clusters.
public struct ClusterPlace: Sendable {
    /// A name, or a path with a slash; nil: "default".
    public var profile: String?
    /// The cluster's id, where the profile has several clusters.
    public var clusterID: String?
    /// The duration within which the controller must answer.
    public var timeout: Duration
    /// True if started processes continue after this program ends.
    public var isDetached = false

    /// Creates a place from its fields.
    ///
    /// - Parameters:
    ///   - profile: a name, or a path with a slash; nil: "default".
    ///   - clusterID: the cluster's id, where the profile has several clusters.
    ///   - timeout: the duration within which the controller must answer.
    ///   - isDetached: whether what is started outlives this program.
    public init(
        profile: String?, clusterID: String? = nil, timeout: Duration = .seconds(10),
        isDetached: Bool = false
    ) {
        self.profile = profile
        self.clusterID = clusterID
        self.timeout = timeout
        self.isDetached = isDetached
    }
}

/// Starts controllers and engines after the user has accepted a ``ClusterOffer``. The product
/// VTLocalCluster has one for this machine, `ClusterStarter`.
///
/// A starter belongs to the thread of the Lua state that it serves. What it has started ends with
/// it, except for a detached cluster.
public protocol ClusterStarting: AnyObject {
    /// Starts a controller and waits until it answers.
    ///
    /// - Parameters:
    ///   - place: the profile in which the controller writes its connection files.
    ///   - check: called while the method waits; an error that it throws ends the start.
    /// - Throws: an error whose description gives the reason; what `check` throws.
    func startController(_ place: ClusterPlace, check: () throws -> Void) throws

    /// Starts engines and waits until they have joined the controller.
    ///
    /// - Parameters:
    ///   - count: the number of engines to start, 1 or more.
    ///   - place: the profile of the controller.
    ///   - check: called while the method waits; an error that it throws ends the start.
    /// - Throws: an error whose description gives the reason; what `check` throws.
    func startEngines(_ count: Int, _ place: ClusterPlace, check: () throws -> Void) throws
}
