import Audit
import Catalogue
import Expressions
import Facts
import KernelModel
import Rendering
import SnapshotFile

extension Command {
  static let queues = Command(
    name: "queues", summary: "One row for each listener: queues, limits, drops, what binds.",
    options: [.window, .since, .walk, .noOwners] + Option.reading
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("queues")
    var effort = try Effort(arguments)
    effort.files = .unread("queues have nothing to do with them")
    let preparation = try Preparation(arguments, tool, effort: effort)
    let listeners = preparation.audit.listeners()
    return Outcome(
      preparation.isJSON
        ? QueueJSON.render(listeners) : QueuesText.render(listeners, style: preparation.style))
  }

  static let limits = Command(
    name: "limits", summary: "What the tunables add up to, with formulas and inputs.",
    options: [.backlog, .members, .roundTrip, .kernel] + Option.reading
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("limits")
    let isJSON = try tool.isJSON(arguments)
    let style = try tool.style(arguments)
    // listen() takes a C int.
    let backlog = try arguments.number(.backlog, in: Int64(Int32.min)...Int64(Int32.max))
    let members = try arguments.number(.members, in: 1...65_535) ?? 1
    if backlog == nil, arguments.has(.members) {
      throw .usage("--members: expected --backlog beside it, found none")
    }
    let question = LimitQuestion(
      backlog: backlog, members: members, roundTrip: try roundTrip(arguments))
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    let snapshot = try LimitsSource.snapshot(arguments, catalogue)
    let audit = Audit(
      of: snapshot, with: catalogue,
      assuming: try Preparation.assumptions(arguments, catalogue, snapshot.host.release.value))
    let queue = backlog.map { audit.queues(ofBacklog: $0, members: members) }
    let limits = audit.limits(question)
    return Outcome(
      isJSON
        ? LimitJSON.render(limits, host: audit.snapshot.host, queue: queue)
        : LimitText.render(
          limits, host: LimitsSource.line(arguments, snapshot), queue: queue, style: style))
  }

  /// `80ms`, `0.5s`; nil where none is given.
  private static func roundTrip(_ arguments: Arguments) throws(Failure) -> Fraction? {
    guard let text = arguments.value(.roundTrip) else { return nil }
    let longest = Fraction(3600)
    guard
      case .literal(.number(let number), _)? = try? Expression(parsing: text),
      let quantity = number.quantity, quantity.dimension == .seconds,
      quantity.amount > Fraction(0), quantity.amount <= longest
    else { throw .usage("--rtt: expected a time up to 1h as in '80ms', found '\(text)'") }
    return quantity.amount
  }

  static let snapshot = Command(
    name: "snapshot", summary: "Every fact as JSON; --snapshot reads it back.",
    options: [.window, .walk, .states, .connections, .noOwners, .root, .netns, .rules]
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("snapshot")
    let preparation = try Preparation(arguments, tool, effort: Effort(arguments))
    return Outcome(SnapshotFile.text(preparation.audit.snapshot))
  }
}

/// Whose tunables `limits` is about.
enum LimitsSource {
  /// The live, recorded or saved host; with `--kernel` alone a stock host of that release.
  static func snapshot(
    _ arguments: Arguments, _ catalogue: Catalogue
  ) throws(Failure) -> Snapshot {
    let source = try Source(arguments)
    var snapshot = try source.snapshot(for: catalogue, effort: .cheap, window: nil)
    guard let text = arguments.value(.kernel) else { return snapshot }
    guard let release = KernelRelease(text), release.isAtLeast(3, 10) else {
      throw .usage(
        "--kernel: expected a release since 3.10 as in '5.10' or '6.1.170', found '\(text)'")
    }
    snapshot.host.release = .known(release)
    if source.isLive { snapshot = Audit.stockHost(like: snapshot, with: catalogue) }
    return snapshot
  }

  /// One line about it for people.
  static func line(_ arguments: Arguments, _ snapshot: Snapshot) -> String {
    let release = snapshot.host.release.value.map { $0.text } ?? "of unknown release"
    switch (arguments.value(.kernel), arguments.value(.snapshot), arguments.value(.root)) {
    case (.some, nil, nil):
      return "Linux \(release), its defaults on a machine like this one\(newer(snapshot))"
    case (.some, _, _): return "that host, as if it ran Linux \(release)\(newer(snapshot))"
    default: return "Linux \(release)\(newer(snapshot))"
    }
  }

  /// Nobody knows what a release will do that is newer than those that were read.
  private static func newer(_ snapshot: Snapshot) -> String {
    guard let release = snapshot.host.release.value,
      (release.major, release.minor) > KernelModel.newestKnown
    else { return "" }
    let (major, minor) = KernelModel.newestKnown
    return ", taken for \(major).\(minor), the newest release that is known"
  }
}
