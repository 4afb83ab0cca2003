import Foundation
import Support
import Testing

/// What other programs say of the same sockets, and what an audit costs in system calls.
@Suite(.serialized)
struct OtherToolsLiveTests {
  private static let ss = Farm.path(of: "ss")
  private static let nsenter = Farm.path(of: "nsenter")
  private static let strace = Farm.path(of: "strace")
  private static let missing =
    Farm.obstacle ?? (ss == nil || nsenter == nil ? "needs ss and nsenter" : nil)

  /// A listener as a row: where, how long, how long at most, how many drops.
  private struct Row: Hashable, Comparable, CustomStringConvertible {
    var place: String
    var length: Int
    var limit: Int
    var drops: Int
    var description: String { "\(place) \(length)/\(limit) d\(drops)" }
    static func < (a: Row, b: Row) -> Bool { a.description < b.description }
  }

  private static func command(_ words: [String], in farm: Farm) throws -> String {
    let nsenter = try #require(nsenter)
    let result = try BuiltProgram.run(
      ["-t", "\(farm.process)", "-n"] + words, program: nsenter)
    guard result.status == 0 else { throw FixtureFailure(result.errors) }
    return result.output
  }

  /// `LISTEN 9 8 0.0.0.0:7000 0.0.0.0:*` and below it `skmem:(…,d12)`.
  private static func rows(ofSS text: String) -> [Row] {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    return words.indices.filter { words[$0] == "LISTEN" }.compactMap { index in
      guard words.count > index + 5, let length = Int(words[index + 1]),
        let limit = Int(words[index + 2]),
        let memory = words[index...].first(where: { $0.hasPrefix("skmem:(") }),
        let drops = memory.dropLast().split(separator: ",").last.flatMap({ Int($0.dropFirst()) })
      else { return nil }
      return Row(place: words[index + 3], length: length, limit: limit, drops: drops)
    }
  }

  /// The same listeners, queues, limits and drops as ss(8) shows, every one; and as many sockets in
  /// each state as it lists.
  @Test(.enabled(if: missing == nil, Comment(rawValue: missing ?? "")))
  func theSameSockets() throws {
    let farm = try Farm([
      "--sockets", "600", "--listeners", "40", "--procs", "4", "--syn-recv", "30",
      "--close-wait", "10", "--time-wait", "20", "--v6", "25", "--stuck", "3",
    ])
    let ss = try #require(Self.ss)
    let before = Self.rows(ofSS: try Self.command([ss, "-ltnmH"], in: farm)).sorted()
    let result = try BuiltProgram.run(
      [
        "audit", "--netns", "\(farm.process)", "--format", "json", "--states", "--connections",
        "--fail-on", "never",
      ])
    #expect(result.status == 0, "\(result.errors)")
    let ours = try Audited(result).listeners.map { listener in
      // ss writes a wildcard of IPv6 as `*` where it takes IPv4 too.
      let address = listener.address.contains(":") ? "[\(listener.address)]" : listener.address
      return Row(
        place: "\(address):\(listener.port)", length: listener.accept_queue.length,
        limit: listener.accept_queue.limit, drops: listener.drops ?? -1)
    }.sorted()
    #expect(before.count >= 43)
    #expect(ours == before)
    #expect(try Audited(result).listeners.allSatisfy { $0.owner?.pid != nil })

    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let sockets = try #require(json["sockets"] as? [String: Any])
    let states = try #require(sockets["states"] as? [String: Any])
    let listed = try Self.command([ss, "-tanH"], in: farm).split(separator: "\n")
    for (ours, theirs) in [
      ("ESTABLISHED", "ESTAB"), ("CLOSE_WAIT", "CLOSE-WAIT"), ("FIN_WAIT2", "FIN-WAIT-2"),
      ("SYN_RECV", "SYN-RECV"), ("LISTEN", "LISTEN"), ("SYN_SENT", "SYN-SENT"),
    ] {
      #expect(
        states[ours] as? Int == listed.count { $0.hasPrefix(theirs + " ") }, "\(ours)")
    }
    // The farm keeps making a few TIME_WAIT sockets.
    let resting = listed.count { $0.hasPrefix("TIME-WAIT ") }
    #expect(abs((states["TIME_WAIT"] as? Int ?? -1000) - resting) <= 5)
  }

  /// An audit without owners and files asks the kernel at most so often, and walks at most once.
  @Test(
    .enabled(
      if: strace != nil && PrivateNetwork.isPermitted, "needs strace, and root"))
  func systemCalls() throws {
    let strace = try #require(Self.strace)
    let folder = try TestFolder()
    let path = folder.path + "/calls"
    let result = try PrivateNetwork.run { network in
      let listeners = try (0..<20).map { try network.listen(port: 8000 + UInt16($0), backlog: 9) }
      defer { withExtendedLifetime(listeners) {} }
      return try BuiltProgram.run(
        ["-f", "-o", path, BuiltProgram.path, "audit", "--no-owners", "--no-files"],
        program: strace)
    }
    #expect(result.status == 0, "\(result.errors)")
    let calls = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .filter { !$0.contains(" execve(") && !$0.contains("+++") }
    // The dynamic loader of the test build asks for its libraries first.
    let own = calls.drop { !$0.contains("somaxconn") && !$0.contains("AF_NETLINK") }
    #expect(own.count <= 660, "\(own.count) system calls")
    #expect(own.count > 300)
    let requests = own.filter { $0.contains("sendto(") }
    #expect(requests.count == 2, "\(requests)")
  }
}
