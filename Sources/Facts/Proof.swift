/// What an experiment predicted and what the running kernel did.
public struct Proof: Equatable, Sendable {
  /// A number, a time or a word that was predicted or observed.
  public enum Value: Equatable, Sendable {
    /// A count of connections, packets or steps of a counter.
    case count(Int64)
    /// Seconds, measured to the millisecond.
    case seconds(Double)
    /// The seconds at which packets went out, counted from the first.
    case timeline([Double])
    /// What a program sees: `ETIMEDOUT`, `connected`.
    case text(String)
  }

  /// One thing that was predicted and then looked at.
  public struct Step: Equatable, Sendable {
    /// Stable name in snake case, unique in the experiment: `connections_queued`.
    public var id: String
    /// What it is, for people: `connections in the accept queue`.
    public var title: String
    /// What the kernel model says.
    public var predicted: Value
    /// What happened.
    public var observed: Value
    /// Whether the two are the same, times within the experiment's tolerance.
    public var agrees: Bool

    /// A step with its verdict.
    public init(_ id: String, _ title: String, predicted: Value, observed: Value, agrees: Bool) {
      self.id = id
      self.title = title
      self.predicted = predicted
      self.observed = observed
      self.agrees = agrees
    }
  }

  /// A number that the experiment was run with.
  public struct Parameter: Equatable, Sendable {
    /// The option's name without its dashes: `backlog`.
    public var name: String
    /// In the kernel's own unit.
    public var value: Int64

    /// A parameter with its value.
    public init(_ name: String, _ value: Int64) {
      self.name = name
      self.value = value
    }
  }

  /// How it ended.
  public enum Outcome: Equatable, Sendable {
    /// Everything was looked at; the steps tell whether it agrees.
    case done
    /// It does not apply to this kernel, with the reason.
    case notApplicable(String)
    /// Something stood in the way, with the reason.
    case failed(String)
  }

  /// The experiment's name: `accept-queue`.
  public var id: String
  /// What it shows, one line.
  public var title: String
  /// The claims that it replays.
  public var claims: [String]
  /// What it was run with.
  public var parameters: [Parameter]
  /// What was looked at, in order.
  public var steps: [Step]
  /// How it ended.
  public var outcome: Outcome

  /// An experiment before anything was looked at.
  public init(id: String, title: String, claims: [String], parameters: [Parameter]) {
    self.id = id
    self.title = title
    self.claims = claims
    self.parameters = parameters
    steps = []
    outcome = .done
  }

  /// Whether all that was predicted happened; nil where nothing could be looked at.
  public var agrees: Bool? {
    outcome == .done && !steps.isEmpty ? steps.allSatisfy(\.agrees) : nil
  }
}
