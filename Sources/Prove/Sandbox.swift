import CLinux
public import Facts
import Glibc
import HostFS

/// An experiment with the numbers that it is to be run with.
public struct Trial: Sendable {
  /// What is run.
  public var experiment: Experiment
  /// With what.
  public var settings: Experiment.Settings

  /// A trial of an experiment, with its standard numbers where none are given.
  ///
  /// - Parameters:
  ///   - experiment: what is run.
  ///   - given: numbers by the parameters' names, each inside its range.
  ///   - isSlow: whether the full length is wanted.
  public init(_ experiment: Experiment, given: [String: Int64] = [:], isSlow: Bool = false) {
    self.experiment = experiment
    var values: [String: Int64] = [:]
    for parameter in experiment.parameters {
      values[parameter.name] = given[parameter.name] ?? parameter.standard
    }
    settings = Experiment.Settings(values, isSlow: isSlow)
  }

  /// The longest that a run with the standard numbers may take, in seconds.
  private static let usualRun = 60

  /// Seconds after which it is killed.
  ///
  /// What an experiment asks for holds for any numbers that the user may choose.
  var patience: Int {
    if settings.isSlow { return experiment.patience.slow }
    let isUsual = experiment.parameters.allSatisfy { settings[$0.name] == $0.standard }
    return isUsual ? min(experiment.patience.usual, Self.usualRun) : experiment.patience.usual
  }

  /// The proof before anything was looked at.
  var proof: Proof {
    Proof(
      id: experiment.id, title: experiment.title, claims: experiment.claims,
      parameters: experiment.parameters.map { Proof.Parameter($0.name, settings[$0.name]) })
  }
}

/// Runs trials, each in a child process with a network namespace of its own, all at once.
///
/// Nothing outlives the caller: the kernel kills the children when it ends in whatever way, and
/// takes their namespaces with them.
public struct Sandbox: ~Copyable {
  /// Why experiments cannot be run here.
  public struct Refusal: Error, Sendable {
    /// What stood in the way.
    public var reason: String
  }

  private var children: [Child] = []

  /// Runs the trials; the process must have one thread.
  ///
  /// - Parameters:
  ///   - trials: what to run.
  ///   - release: the kernel's release, by whose rules is predicted.
  ///   - progress: is told how many have ended, whenever one does.
  /// - Returns: a proof for each trial, in the trials' order.
  /// - Throws: ``Refusal`` where no namespace is to be had.
  public static func prove(
    _ trials: [Trial], release: KernelRelease, progress: (_ ended: Int) -> Void
  ) throws(Refusal) -> [Proof] {
    var sandbox = Sandbox()
    for trial in trials { sandbox.children.append(try Child(trial, release)) }
    return try sandbox.watch(progress)
  }

  private init() {}

  deinit {
    // Whoever is left when an error leaves early.
    for child in children { child.kill() }
  }

  /// Waits for all children, each as long as its trial may take.
  private mutating func watch(_ progress: (Int) -> Void) throws(Refusal) -> [Proof] {
    var ended = 0
    while ended < children.count {
      var descriptors = children.filter { $0.proof == nil }
        .map { pollfd(fd: $0.pipe, events: Int16(POLLIN), revents: 0) }
      // Short, because a child's own child could hold the pipe open after its death.
      _ = unsafe poll(&descriptors, nfds_t(descriptors.count), 50)
      for index in children.indices where children[index].proof == nil {
        try children[index].look()
        if children[index].proof != nil {
          ended += 1
          progress(ended)
        }
      }
    }
    return children.compactMap(\.proof)
  }
}

/// A child process as its parent sees it.
private struct Child {
  private let trial: Trial
  private let process: pid_t
  /// When it is killed, in milliseconds of the monotonic clock.
  private let deadline: Int64
  private var received: [UInt8] = []
  /// Where its document comes from.
  let pipe: CInt
  /// What became of it; nil while it runs.
  private(set) var proof: Proof?

  /// Starts it.
  init(_ trial: Trial, _ release: KernelRelease) throws(Sandbox.Refusal) {
    self.trial = trial
    var ends: [CInt] = [-1, -1]
    guard unsafe Glibc.pipe(&ends) == 0 else {
      throw Sandbox.Refusal(reason: "pipe: \(HostFS.words(for: errno))")
    }
    let parent = getpid()
    process = tcptune_fork()
    guard process >= 0 else {
      let number = errno
      for end in ends { close(end) }
      throw Sandbox.Refusal(reason: "fork: \(HostFS.words(for: number))")
    }
    if process == 0 {
      close(ends[0])
      Inside.run(trial, release, parent: parent, pipe: ends[1])
    }
    close(ends[1])
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    pipe = ends[0]
    deadline = Clock.milliseconds() + Int64(trial.patience) * 1000
  }

  /// Kills it and waits until it is gone, unless it has ended already.
  func kill() {
    guard proof == nil else { return }
    Glibc.kill(process, SIGKILL)
    _ = waitpid(process, nil, 0)
    close(pipe)
  }

  /// Takes what it has written; when it has ended, or its time has, judges that.
  mutating func look() throws(Sandbox.Refusal) {
    // Asked before the last look into the pipe, so that nothing written before its end is missed.
    var status: CInt = 0
    let isOver = unsafe waitpid(process, &status, WNOHANG) == process
    drain()
    if isOver {
      close(pipe)
      proof = try verdict(status)
    } else if Clock.milliseconds() >= deadline {
      kill()
      var proof = trial.proof
      proof.outcome = .failed("it did not end within \(trial.patience) s")
      self.proof = proof
    }
  }

  private mutating func drain() {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe read(pipe, &bytes, bytes.count)
      guard count > 0 else { return }
      received += bytes[..<count]
    }
  }

  private func verdict(_ status: CInt) throws(Sandbox.Refusal) -> Proof {
    var proof = trial.proof
    let signal = status & 0x7f
    let code = (status >> 8) & 0xff
    if signal != 0 {
      proof.outcome = .failed("signal \(signal) ended it")
    } else if code != 0 {
      proof.outcome = .failed("it ended with status \(code)")
    } else {
      switch document {
      case .success(.refused(let reason)): throw Sandbox.Refusal(reason: reason)
      case .success(.ended(let steps, let outcome)):
        proof.steps = steps
        proof.outcome = outcome
      case .failure(let problem):
        proof.outcome = .failed("its result cannot be read: \(problem.reason)")
      }
    }
    return proof
  }

  private var document: Result<ProofDocument, ProofDocument.Problem> {
    do {
      return .success(try ProofDocument(parsing: received))
    } catch {
      return .failure(error)
    }
  }
}

/// The child's own side.
private enum Inside {
  /// Enters a namespace, runs the trial, writes its document and ends the process.
  static func run(
    _ trial: Trial, _ release: KernelRelease, parent: pid_t, pipe: CInt
  ) -> Never {
    stayWith(parent)
    let document = document(trial, release)
    var rest = Array(document.text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(pipe, $0.baseAddress, $0.count) }
      if count < 0, errno != EINTR { _exit(2) }
      rest = rest.dropFirst(max(0, count))
    }
    _exit(0)
  }

  /// Dies with the parent, also when that has died already.
  private static func stayWith(_ parent: pid_t) {
    guard tcptune_die_with_parent() == 0, getppid() == parent else { _exit(2) }
  }

  private static func document(_ trial: Trial, _ release: KernelRelease) -> ProofDocument {
    let parent = getppid()
    let lab: Lab
    do {
      try Namespace.enter()
    } catch {
      return .refused(error.reason)
    }
    // Becoming root of a user namespace is a change of credentials, which may take this away.
    stayWith(parent)
    do {
      lab = try Lab(release: release)
    } catch {
      // AppArmor lets everybody make a user namespace and do nothing in it.
      switch error {
      case .failed(let reason), .notApplicable(let reason):
        return .refused(
          "the new namespace cannot be set up: \(reason)\(Namespace.suspect() ?? "")")
      }
    }
    raiseFileLimit()
    do {
      return .ended(try trial.experiment.run(lab, trial.settings), .done)
    } catch {
      switch error {
      case .failed(let reason): return .ended([], .failed(reason))
      case .notApplicable(let reason): return .ended([], .notApplicable(reason))
      }
    }
  }

  /// Takes as many descriptors as this user may have: each client of an experiment needs one.
  private static func raiseFileLimit() {
    let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard unsafe getrlimit(descriptors, &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(descriptors, &limit)
  }
}
