import Foundation
import Support
import Testing

/// The program, where an ordinary user can reach it.
let reachableProgram: (folder: TestFolder, path: String)? = {
  guard let folder = try? TestFolder() else { return nil }
  let path = folder.path + "/tcptune"
  guard (try? FileManager.default.copyItem(atPath: BuiltProgram.path, toPath: path)) != nil else {
    return nil
  }
  chmod(folder.path, 0o755)
  chmod(path, 0o755)
  return (folder, path)
}()

/// What `prove --format json` says, as far as tests look at it.
struct Proved: Sendable {
  struct Experiment: Decodable, Sendable {
    var id: String
    var agrees: Bool?
    var outcome: String
    var reason: String?
    var disagreements: [String]
    var command: String
  }
  private struct Document: Decodable { var experiments: [Experiment] }

  var status: Int32
  var experiments: [Experiment]

  init(_ result: BuiltProgram.Result) throws {
    status = result.status
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
    else { throw FixtureFailure("prove: \(result.status) \(result.errors)") }
    experiments = document.experiments
  }

  init(_ arguments: [String]) throws {
    try self.init(BuiltProgram.run(["prove", "--format", "json"] + arguments))
  }

  /// The same as an ordinary user.
  static func asOrdinaryUser(_ arguments: [String]) throws -> BuiltProgram.Result {
    guard let program = reachableProgram else { throw FixtureFailure("no copy of the program") }
    return try BuiltProgram.run(
      ["--reuid=65534", "--regid=65534", "--clear-groups", program.path, "prove"] + arguments,
      program: "/usr/bin/setpriv")
  }

  // MARK: What can be proved here

  /// Why nothing can, nil where it can.
  static let refusal: String? = refusal { try BuiltProgram.run(["prove", "listen-clamp"]) }

  /// Why an ordinary user can prove nothing.
  static let refusalOfOthers: String? =
    getuid() == 0
    ? refusal { try asOrdinaryUser(["listen-clamp"]) } : "needs root, to become somebody else"

  private static func refusal(_ run: () throws -> BuiltProgram.Result) -> String? {
    do {
      let result = try run()
      return result.status == 3 ? result.errors : nil
    } catch {
      return "\(error)"
    }
  }

  /// The experiments' names.
  static let names: [String] = {
    let list = (try? BuiltProgram.run(["prove", "list"]).output) ?? ""
    return list.split(separator: "\n").filter { !$0.hasPrefix(" ") }
      .map { String($0.prefix { $0 != " " }) }
  }()

  /// One run of all of them, for every test that looks at one.
  static let all = Swift.Result { try Proved([]) }
  static let allAsOthers = Swift.Result {
    try Proved(asOrdinaryUser(["--format", "json"]))
  }
}

private let unshare = "/usr/bin/unshare"
private let needsUnshare: ConditionTrait = .enabled(
  if: FileManager.default.isExecutableFile(atPath: unshare), "needs unshare")

/// What the experiments show on the kernel that the tests run on.
@Suite(.enabled(if: Proved.refusal == nil, Comment(rawValue: Proved.refusal ?? "")))
struct ProveLiveTests {
  /// What the model predicts is what this kernel does.
  @Test(arguments: Proved.names) func experimentAgrees(_ name: String) throws {
    try check(name, in: Proved.all.get())
  }

  @Test(
    .enabled(if: Proved.refusalOfOthers == nil, Comment(rawValue: Proved.refusalOfOthers ?? "")),
    arguments: Proved.names)
  func experimentAgreesForOrdinaryUsers(_ name: String) throws {
    try check(name, in: Proved.allAsOthers.get())
  }

  private func check(_ name: String, in proved: Proved) throws {
    let experiment = try #require(proved.experiments.first { $0.id == name })
    if experiment.outcome == "not-applicable" {
      #expect(experiment.agrees == nil && experiment.reason != nil)
    } else {
      #expect(
        experiment.agrees == true,
        "\(experiment.command): \(experiment.disagreements) \(experiment.reason ?? "")")
    }
  }

  @Test func theWholeRunKeepsOrderAndStatus() throws {
    let proved = try Proved.all.get()
    #expect(proved.experiments.map(\.id) == Proved.names)
    #expect(proved.status == (proved.experiments.allSatisfy { $0.agrees != false } ? 0 : 1))
  }

  @Test func otherNumbers() throws {
    for arguments in [
      ["accept-queue", "--backlog", "0", "--extra", "1"],
      ["accept-queue", "--backlog", "-1", "--somaxconn", "17", "--cookies", "2"],
      ["syn-queue", "--backlog", "100", "--max-syn-backlog", "0", "--cookies", "0"],
      ["listen-clamp", "--backlog", "-1", "--raised", "65535"],
      ["abort-on-overflow", "--backlog", "20"],
    ] {
      let proved = try Proved(arguments)
      #expect(proved.experiments.first?.agrees == true, "\(arguments)")
    }
  }

  /// The seed is in the output of a failure: `--random N --seed S` repeats it.
  @Test func randomConfigurationsAgree() throws {
    let count = Iterations.count(40) > 40 ? 1000 : 40
    let proved = try Proved(["--random", "\(count)"])
    let experiment = try #require(proved.experiments.first)
    print(experiment.command)
    #expect(
      experiment.agrees == true,
      "\(experiment.command): \(experiment.disagreements) \(experiment.reason ?? "")")
  }

  /// A release that kept one request less than any since 6.13: on those a disagreement.
  @Test func aDisagreementIsAResult() throws {
    let now = try BuiltProgram.run(["prove", "syn-queue", "--cookies", "1"])
    try #require(now.status == 0)
    let old = try BuiltProgram.run(["prove", "syn-queue", "--cookies", "1", "--kernel", "5.11.1"])
    let new = try BuiltProgram.run(["prove", "syn-queue", "--cookies", "1", "--kernel", "6.13.1"])
    #expect(Set([old.status, new.status]) == [0, 1])
    let wrong = old.status == 1 ? old : new
    #expect(wrong.output.hasPrefix("1 experiment disagrees with Linux "))
    #expect(wrong.output.contains("\nTo report\n"))
  }

  /// The namespace that the program is in keeps its keys and counters.
  @Test(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
  func nothingIsChangedOutside() throws {
    let look =
      "cd /proc/sys/net && grep -r . core ipv4 2>/dev/null | sort; cat /proc/net/netstat;"
      + " cat /proc/net/route; ls /proc/sys/net/ipv4/conf"
    let (before, status, after) = try PrivateNetwork.run { _ in
      let before = try BuiltProgram.run(["-c", look], program: "/bin/sh").output
      let names = ["accept-queue", "listen-clamp", "abort-on-overflow", "syn-queue"]
      let status = try names.map { try BuiltProgram.run(["prove", $0]).status }
      return (before, status, try BuiltProgram.run(["-c", look], program: "/bin/sh").output)
    }
    #expect(status == [0, 0, 0, 0])
    #expect(before.contains("somaxconn") && before.contains("ListenOverflows"))
    #expect(before == after)
  }

  /// Where no namespace is to be had, the reason is told and nothing is done.
  @Test(needsUnshare) func aRefusedNamespace() throws {
    let script =
      "echo 0 >/proc/sys/user/max_net_namespaces && exec \(BuiltProgram.path) prove --format json"
    let result = try BuiltProgram.run(
      ["--user", "--map-root-user", "/bin/sh", "-c", script], program: unshare)
    #expect(result.status == 3)
    let reason =
      "tcptune: prove: no network namespace of its own: unshare: No space left on device:"
      + " user.max_net_namespaces is 0\n"
    #expect(result.errors == reason)
    #expect(result.output.contains("\"status\": 3"))
  }

  /// A user whom its namespace does not know may make nothing, as under a seccomp filter.
  @Test(needsUnshare) func aForbiddenNamespace() throws {
    let result = try BuiltProgram.run(["--user", BuiltProgram.path, "prove"], program: unshare)
    #expect(result.status == 3)
    #expect(result.output == "")
    let reason = "tcptune: prove: no network namespace of its own: unshare: Operation not permitted"
    #expect(result.errors.hasPrefix(reason))
  }

  /// An experiment that cannot have what it needs has failed, which is no agreement.
  @Test func tooFewDescriptors() throws {
    let script = "ulimit -n 40; exec \(BuiltProgram.path) prove accept-queue --backlog 100"
    let result = try BuiltProgram.run(["-c", script], program: "/bin/sh")
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("1 experiment could not be finished on Linux "))
    #expect(result.output.contains("socket: Too many open files"))
  }
}
