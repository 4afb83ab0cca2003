import Facts
import Glibc
import HostFS
import Rendering

/// The program: finds the command, runs it, writes its result and gives the exit status.
public struct Tool: Sendable {
  let world: World

  /// The program in its surroundings.
  public init(_ world: World) {
    self.world = world
  }

  /// Runs the command that the arguments name.
  ///
  /// - Returns: what the process should exit with.
  public func run() -> ExitStatus { finish().status }

  /// Runs the command that the arguments name, and ends the process.
  public func runToEnd() -> Never {
    let (status, outcome) = finish()
    if let work = outcome?.work { _ = unsafe Unmanaged.passRetained(work) }
    exit(status.rawValue)
  }

  private func finish() -> (status: ExitStatus, outcome: Outcome?) {
    let outcome: Outcome
    do {
      outcome = try perform()
    } catch {
      return (report(error), nil)
    }
    return (write(outcome), outcome)
  }

  private func write(_ outcome: Outcome) -> ExitStatus {
    for remark in outcome.remarks { Streams.complain(remark) }
    do {
      try Streams.write(outcome.output, to: STDOUT_FILENO)
    } catch {
      if outcome.isAboutHost {
        Streams.complain("tcptune: standard output: \(HostFS.words(for: error.errno))")
        return outcome.status
      }
      // The reader has seen enough; that is no failure worth a word.
      if error.errno == EPIPE { return .brokenPipe }
      Streams.complain("tcptune: standard output: \(HostFS.words(for: error.errno))")
      return .usage
    }
    return outcome.status
  }

  private func perform() throws(Failure) -> Outcome {
    guard let first = world.arguments.first else { return Outcome(Help.start) }
    let rest = world.arguments.dropFirst()
    switch first {
    case "--version": return Outcome("\(ToolIdentity.name) \(ToolIdentity.version)\n")
    case "help", "--help", "-h":
      guard let name = rest.first else { return Outcome(Help.all) }
      return Outcome(Help.of(try command(name)))
    default:
      let command = try command(first)
      if rest.contains("--help") || rest.contains("-h") { return Outcome(Help.of(command)) }
      return try command.run(Arguments(rest, of: command), self)
    }
  }

  private func command(_ name: String) throws(Failure) -> Command {
    if let command = Command.named(name) { return command }
    let near = Spelling.nearest(to: name, among: Command.all.map(\.name))
    throw .usage("tcptune: expected a command, found '\(name)'\(Failure.hint(near))")
  }

  /// One line on standard error, or all problems of the input; under `--format json` one document
  /// on standard output as well.
  private func report(_ failure: Failure) -> ExitStatus {
    let lines = failure.problems.isEmpty ? ["tcptune: \(failure.message)"] : failure.problems
    for line in lines {
      Streams.complain(line.hasPrefix("tcptune: tcptune") ? String(line.dropFirst(9)) : line)
    }
    if wantsJSON {
      let document = JSONText.failure(
        failure.message, problems: failure.problems, status: failure.status.rawValue)
      try? Streams.write(Array(document.utf8), to: STDOUT_FILENO)
    }
    return failure.status
  }

  /// The arguments may be what is wrong, so their words are looked at as they are.
  private var wantsJSON: Bool {
    let words = world.arguments
    return words.contains("--format=json")
      || zip(words, words.dropFirst()).contains { $0 == "--format" && $1 == "json" }
  }

  /// How text is to look for this command.
  func style(_ arguments: Arguments, repeating options: String = "") throws(Failure) -> TextStyle {
    enum Choice: String, CaseIterable { case auto, always, never }
    let isColored: Bool
    switch try arguments.word(.color, Choice.self) ?? .auto {
    case .always: isColored = true
    case .never: isColored = false
    case .auto:
      let plain = world.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
      isColored = world.isTerminal && !plain && world.environment["TERM"] != "dumb"
    }
    return TextStyle(width: world.width, isColored: isColored, repeatedOptions: options)
  }

  /// Whether the result is to be JSON.
  func isJSON(_ arguments: Arguments) throws(Failure) -> Bool {
    enum Format: String, CaseIterable { case text, json }
    return try arguments.word(.format, Format.self) == .json
  }
}
