import Facts

/// An experiment of the documents that can be run on the kernel at hand.
///
/// Each runs in a process and a network namespace of its own, so several can run at once and none
/// can see the host or another.
public struct Experiment: Sendable {
  /// A number that the user may choose: `--backlog 5`.
  public struct Parameter: Sendable {
    /// The option's name without its dashes.
    public var name: String
    /// One line for the help, without a full stop.
    public var help: String
    /// What is taken where the user says nothing.
    public var standard: Int64
    /// What is accepted.
    public var range: ClosedRange<Int64>

    init(_ name: String, _ help: String, _ standard: Int64, _ range: ClosedRange<Int64>) {
      self.name = name
      self.help = help
      self.standard = standard
      self.range = range
    }
  }

  /// The numbers that a run is made with, by the parameters' names.
  public struct Settings: Sendable {
    private let values: [String: Int64]
    /// Whether the full length is wanted where the usual run is shortened.
    public let isSlow: Bool

    /// Settings, of which every parameter of the experiment must be one.
    public init(_ values: [String: Int64], isSlow: Bool) {
      self.values = values
      self.isSlow = isSlow
    }

    subscript(_ name: String) -> Int64 { values[name] ?? 0 }
  }

  /// The word after `prove`: `accept-queue`.
  public var id: String
  /// What it shows, one line without a full stop.
  public var title: String
  /// The claims that it replays.
  public var claims: [String]
  /// What the user may choose.
  public var parameters: [Parameter] = []
  /// The longest that a run may take, in seconds, usual and slow: it is killed then.
  public var patience: (usual: Int, slow: Int) = (20, 60)
  /// Sets up, predicts and looks, inside the namespace.
  var run: @Sendable (_ lab: Lab, _ settings: Settings) throws(LabFailure) -> [Proof.Step]

  /// Every experiment, in the order in which they are shown.
  public static let all: [Experiment] = queues + buffers + timers
}

/// Why an experiment could not be finished.
enum LabFailure: Error {
  /// This kernel lacks what it is about.
  case notApplicable(String)
  /// A call failed, or something did not happen in time.
  case failed(String)
}
