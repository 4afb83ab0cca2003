import Audit
import Catalogue
import Facts
import Glibc
import HostFS
import Rendering

extension Command {
  static let watch = Command(
    name: "watch", summary: "Live: listeners, drops, counters that move, findings.",
    options: [
      .interval, .count, .walkAlways, .noOwners, .set, .netns, .rules, .format, .color,
    ]
  ) { (arguments, tool) throws(Failure) in
    try arguments.expectNoOperands("watch")
    let isJSON = try tool.isJSON(arguments)
    let style = try tool.style(arguments)
    let interval = try arguments.time(.interval) ?? Fraction(1)
    let count = try arguments.number(.count, in: 1...Int64(Int32.max))
    let walks = try arguments.word(.walkAlways, Watch.Walk.self) == .always
    let catalogue = try Catalogue.load(adding: arguments.all(.rules))
    if let namespace = arguments.value(.netns) { try Source.join(namespace) }
    let reader = WatchReader(
      catalogue, owners: !arguments.has(.noOwners), walks: walks,
      interval: Watch.milliseconds(interval))
    let assumed = try Preparation.assumptions(arguments, catalogue, reader.host.release.value)
    var watch = Watch(
      reader: reader, catalogue: catalogue, assumed: assumed, interval: interval, count: count)
    if !isJSON, tool.world.isTerminal, tool.world.environment["TERM"] != "dumb" {
      return try watch.onScreen(style: style, isUnicode: tool.world.isUnicode)
    }
    return try watch.inLines(isJSON: isJSON)
  }
}

extension Option {
  static let interval = Option(
    name: "--interval", value: "D", help: "The time from sample to sample; 1s by default.")
  static let count = Option(name: "--count", value: "N", help: "End after N samples.")
  static let walkAlways = Option(
    name: "--walk", value: "never|always",
    help: "Count half-open connections at each sample, by a walk of all; never by default.")
}

/// Samples, one after the other, and what was seen in them.
struct Watch: ~Copyable {
  enum Walk: String, CaseIterable {
    case never, always
  }

  private var reader: WatchReader
  private let catalogue: Catalogue
  private let assumed: [SysctlKey: String]
  private let interval: Fraction
  private let count: Int64?
  private var watching: Watching
  /// The audit of the sample before.
  private var last: Audit?

  init(
    reader: consuming WatchReader, catalogue: Catalogue, assumed: [SysctlKey: String],
    interval: Fraction, count: Int64?
  ) {
    watching = Watching(host: reader.host)
    self.reader = reader
    self.catalogue = catalogue
    self.assumed = assumed
    self.interval = interval
    self.count = count
  }

  private var step: Int64 { Self.milliseconds(interval) }

  static func milliseconds(_ interval: Fraction) -> Int64 {
    max(1, interval.multiplied(by: Fraction(1000))?.roundedDown ?? 1000)
  }

  /// Takes a sample; returns whether it was the last one.
  private mutating func sample() -> Bool {
    let audit = Audit(
      of: reader.sample(), with: catalogue, assuming: assumed, after: last.take())
    let report = audit.report(isComplete: false, hasLimits: false)
    watching.add(audit.snapshot, report, at: Clock.sinceEpoch())
    last = audit
    return count.map { watching.watched.samples >= $0 } ?? false
  }

  // MARK: Lines

  /// One line for each sample and event, each written at once.
  mutating func inLines(isJSON: Bool) throws(Failure) -> Outcome {
    var moment = Clock.milliseconds()
    while true {
      let isLast = sample()
      let text =
        isJSON ? WatchJSON.line(watching.watched) : WatchLines.text(watching.watched)
      do {
        try Streams.write(Array(text.utf8), to: STDOUT_FILENO)
      } catch {
        return try Self.ended(error)
      }
      if isLast { return Outcome("") }
      // A sample that comes late is not made up for.
      let now = Clock.milliseconds()
      moment = now - (now - moment) % step + step
      Clock.sleep(until: moment)
    }
  }

  private static func ended(_ failure: Streams.Failure) throws(Failure) -> Outcome {
    // The reader has seen enough; that is no failure worth a word.
    if failure.errno == EPIPE { return Outcome("", .brokenPipe) }
    throw .usage("standard output: \(HostFS.words(for: failure.errno))")
  }

  // MARK: Screen

  /// A screen until a key, a signal or the last sample ends it.
  mutating func onScreen(style: TextStyle, isUnicode: Bool) throws(Failure) -> Outcome {
    var ending: CInt?
    do throws(Streams.Failure) {
      var terminal = try Terminal()
      try terminal.enter()
      ending = try show(on: &terminal, style, isUnicode)
      terminal.leave()
    } catch {
      // A window that was closed takes nothing more.
      guard error.errno == EIO else { return try Self.ended(error) }
      ending = SIGHUP
    }
    if let ending { Terminal.die(by: ending) }
    return Outcome("")
  }

  /// Draws samples; returns the signal that ended it, nil for a key or the last sample.
  private mutating func show(
    on terminal: inout Terminal, _ style: TextStyle, _ isUnicode: Bool
  ) throws(Streams.Failure) -> CInt? {
    var moment = Clock.milliseconds()
    var isLast = sample()
    let size = Terminal.size
    var view = WatchView(
      columns: size.columns, rows: size.rows, isUnicode: isUnicode, interval: interval,
      start: watching.watched.moment, hasKeys: terminal.hasKeys)
    var paused: Watched?
    var shown: [String] = []
    while true {
      let lines = WatchScreen.lines(paused ?? watching.watched, view, style: style)
      let frame = ScreenCodes.frame(from: shown, to: lines)
      if !frame.isEmpty { try Streams.write(frame, to: STDOUT_FILENO) }
      shown = lines
      if isLast { return nil }
      let due = moment + step
      switch terminal.wait(due - Clock.milliseconds()) {
      case .deadline:
        let now = Clock.milliseconds()
        guard now >= due else { continue }
        // A sample that comes late is not made up for.
        moment = now - (now - moment) % step
        isLast = sample()
      case .hangUp: return SIGHUP
      case .key(UInt8(ascii: "q")), .key(UInt8(ascii: "Q")): return nil
      case .key(UInt8(ascii: "p")), .key(UInt8(ascii: " ")):
        paused = paused == nil ? watching.watched : nil
        view.isPaused = paused != nil
      case .key(UInt8(ascii: "s")):
        let orders = WatchView.Order.allCases
        let index = orders.firstIndex(of: view.order) ?? 0
        view.order = orders[(index + 1) % orders.count]
      case .key: continue
      case .signal(SIGWINCH):
        (view.columns, view.rows) = Terminal.size
        shown = []
      case .signal(SIGTSTP):
        terminal.leave()
        Terminal.die(by: SIGTSTP)
        try terminal.enter()
        (view.columns, view.rows) = Terminal.size
        shown = []
      case .signal(SIGCONT):
        // Whoever had the terminal while we stood still may have changed it.
        try terminal.enter()
        (view.columns, view.rows) = Terminal.size
        shown = []
      case .signal(let number): return number
      }
    }
  }
}
