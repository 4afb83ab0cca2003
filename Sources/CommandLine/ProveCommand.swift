import Facts
import Glibc
import HostFS
import Prove
import Rendering

extension Command {
  static let prove = Command(
    name: "prove", operands: "[list|EXPERIMENT]",
    summary: "The arithmetic, tried on this kernel: predicted, observed, agree.",
    options: [.slow, .random, .seed, .as, .format, .color] + ProveOptions.parameters
  ) { (arguments, tool) throws(Failure) in
    let isJSON = try tool.isJSON(arguments)
    let style = try tool.style(arguments)
    if arguments.operands == ["list"] {
      try arguments.refuseParameters(except: [], of: "list")
      return Outcome(ProofText.list(Experiment.all.map(ProveOptions.entry), style: style))
    }
    let trials = try Trial.all(arguments)
    let release = try ProveOptions.release(arguments)
    let progress = Progress(of: trials.count, isShown: tool.world.showsProgress)
    progress.show(0)
    defer { progress.clear() }
    let proofs: [Proof]
    do throws(Sandbox.Refusal) {
      proofs = try Sandbox.prove(trials, release: release.rules) { progress.show($0) }
    } catch {
      throw .refused("prove: no network namespace of its own: \(error.reason)")
    }
    let report = ProofReport(
      proofs: proofs, kernel: release.running.text, rules: arguments.value(.as),
      version: (try? HostFS().line("proc/version")) ?? "unknown",
      command: ProveOptions.command(arguments))
    return Outcome(
      isJSON ? ProofJSON.render(report) : ProofText.render(report, style: style),
      report.agrees ? .done : .findings)
  }
}

extension Option {
  static let slow = Option(
    name: "--slow", value: nil, help: "The full length where the usual run is shortened.")
  static let random = Option(
    name: "--random", value: "N", help: "Instead, N random configurations of both queues.")
  static let seed = Option(
    name: "--seed", value: "S", help: "Where the random numbers begin; it is printed.")
  static let `as` = Option(
    name: "--kernel", value: "R", help: "Predict as for release R, to see where this one differs.")
}

/// What stands behind `prove`.
enum ProveOptions {
  /// One option for each name that an experiment's parameter has.
  ///
  /// The same name may mean another key to another experiment; the list of experiments tells.
  static let parameters: [Option] = {
    let all = Experiment.all.flatMap(\.parameters)
    var options: [Option] = []
    for parameter in all {
      let name = "--\(parameter.name)"
      guard !options.contains(where: { $0.name == name }) else { continue }
      let isOne = all.allSatisfy { $0.name != parameter.name || $0.help == parameter.help }
      options.append(
        Option(
          name: name, value: "N",
          help: isOne ? "\(parameter.help)." : "As 'tcptune prove list' says of the experiment."))
    }
    return options
  }()

  /// An experiment as `prove list` shows it.
  static func entry(_ experiment: Experiment) -> ProofText.Entry {
    ProofText.Entry(
      id: experiment.id, title: experiment.title, claims: experiment.claims,
      parameters: experiment.parameters.map { ("--\($0.name) \($0.standard)", $0.help) })
  }

  /// The running release, and the one by whose rules is predicted.
  static func release(
    _ arguments: Arguments
  ) throws(Failure) -> (running: KernelRelease, rules: KernelRelease) {
    let files = HostFS()
    let read = files.host(files.tunables(expected: [])).host.release
    guard let running = read.value else {
      throw .refused("prove: \(read.absence?.reason ?? "the release is unknown")")
    }
    guard let text = arguments.value(.as) else { return (running, running) }
    guard let rules = KernelRelease(text), rules.isAtLeast(3, 10) else {
      throw .usage(
        "--kernel: expected a release since 3.10 as in '5.10' or '6.1.170', found '\(text)'")
    }
    return (running, rules)
  }

  /// The command line that repeats a run.
  static func command(_ arguments: Arguments) -> String {
    let options = arguments.spelled(parameters + [.random, .seed, .slow, .as])
    return (["tcptune", "prove"] + arguments.operands + options).joined(separator: " ")
  }
}

extension Arguments {
  /// Experiments differ in what can be chosen; what one lacks is not passed over.
  func refuseParameters(except known: [String], of name: String) throws(Failure) {
    for option in ProveOptions.parameters where has(option) && !known.contains(option.name) {
      let list =
        known.isEmpty ? "has no parameters" : "has \(known.joined(separator: ", "))"
      throw .usage(
        "prove: expected a parameter that \(name) has, found '\(option.name)'; it \(list)")
    }
  }

  /// Options as they would be typed again.
  func spelled(_ options: [Option]) -> [String] {
    options.flatMap { option in
      guard let value = value(option) else { return [String]() }
      return option.value == nil ? [option.name] : [option.name, value]
    }
  }
}

extension Trial {
  /// What the command line asks for: random configurations, one experiment, or all.
  static func all(_ arguments: Arguments) throws(Failure) -> [Trial] {
    let isSlow = arguments.has(.slow)
    let most = Experiment.mostConfigurations
    if let count = try arguments.number(.random, in: 1...most) {
      if let operand = arguments.operands.first {
        throw .usage("prove: expected no experiment with --random, found '\(operand)'")
      }
      try arguments.refuseParameters(except: [], of: "--random")
      let seed = try arguments.number(.seed, in: 0...Int64.max)
      return [
        Trial(
          .randomQueues(count),
          given: ["random": count, "seed": seed ?? Int64.random(in: 0..<1_000_000_000)])
      ]
    }
    if arguments.has(.seed) { throw .usage("prove: expected --random with --seed, found none") }
    guard !arguments.operands.isEmpty else {
      try arguments.refuseParameters(except: [], of: "the whole run")
      return Experiment.all.map { Trial($0, isSlow: isSlow) }
    }
    let name = try arguments.oneOperand("prove", "an experiment")
    let names = Experiment.all.map(\.id)
    guard let experiment = Experiment.all.first(where: { $0.id == name }) else {
      let near = Spelling.nearest(to: name, among: names + ["list"])
      throw .usage(
        "prove: expected an experiment (tcptune prove list), found '\(name)'\(Failure.hint(near))")
    }
    try arguments.refuseParameters(
      except: experiment.parameters.map { "--\($0.name)" }, of: name)
    var given: [String: Int64] = [:]
    for parameter in experiment.parameters {
      let option = Option(name: "--\(parameter.name)", value: "N", help: "")
      given[parameter.name] = try arguments.number(option, in: parameter.range)
    }
    return [Trial(experiment, given: given, isSlow: isSlow)]
  }
}

/// One line on a terminal that says how far it is, and is gone at the end.
private struct Progress {
  let count: Int
  let isShown: Bool

  init(of count: Int, isShown: Bool) {
    self.count = count
    self.isShown = isShown
  }

  func show(_ ended: Int) {
    let line = "\(ended) of \(count) \(count == 1 ? "experiment" : "experiments") ended"
    if isShown { try? Streams.write(Array("\r\(line)".utf8), to: STDERR_FILENO) }
  }

  func clear() {
    let blanks = String(repeating: " ", count: 40)
    if isShown { try? Streams.write(Array("\r\(blanks)\r".utf8), to: STDERR_FILENO) }
  }
}
