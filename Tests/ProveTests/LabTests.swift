import Facts
import Netlink
import Support
import Testing

@testable import Prove

/// The lab in a namespace that a thread of the tests has for itself.
@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct LabTests {
  private func inLab<Result: Sendable>(
    _ body: @escaping @Sendable (Lab) throws -> Result
  ) throws -> Result {
    let release = try #require(KernelRelease("6.18.1"))
    return try PrivateNetwork.run { _ in try body(Lab(release: release)) }
  }

  /// sock_diag and /proc/net/tcp say the same of every kind of socket.
  @Test func bothSourcesOfSocketsAgree() throws {
    let (dumped, listed) = try inLab { lab in
      let listener = try lab.listen(port: 8080, backlog: 5)
      let client = try lab.connected(to: 8080)
      let waiting = try Socket()
      _ = waiting.connect("172.16.9.9", port: 80)
      try lab.flood(3, to: 8080, over: Wire())
      let states: Set<TCPState> = [.established, .synSent, .synRecv, .listen]
      let kind = { (all: [Connection]) in
        all.map { one in
          "\(one.state) \(one.localAddress):\(one.localPort) \(one.peerAddress):\(one.peerPort)"
        }.sorted()
      }
      let pair = (
        kind(try lab.connections(in: states)), kind(try lab.connectionsFromFiles(in: states))
      )
      _ = (listener.descriptor, client.descriptor, waiting.descriptor)
      return pair
    }
    #expect(dumped == listed)
    #expect(dumped.count == 7)
    #expect(dumped.contains("listen 0.0.0.0:8080 0.0.0.0:0"))
  }

  @Test func aListenerShowsItsQueue() throws {
    let (queue, dumped) = try inLab { lab in
      let listener = try lab.listen(port: 8080, backlog: 5)
      let client = try lab.connected(to: 8080)
      let queue = try listener.queue()
      let dumped = try lab.listener(at: 8080)
      _ = client.descriptor
      return (queue, dumped)
    }
    #expect(queue == (1, 5))
    #expect(dumped.receiveQueue == 1 && dumped.sendQueue == 5)
  }

  @Test func keysAreReadAndWritten() throws {
    let (before, after) = try inLab { lab in
      let before = try lab.number("net.ipv4.tcp_syn_retries")
      try lab.set("net.ipv4.tcp_syn_retries", 3)
      return (before, try lab.number("net.ipv4.tcp_syn_retries"))
    }
    #expect(before != 3 && after == 3)
  }

  @Test func aKeyThatIsNotThereDoesNotApply() throws {
    let reason = try inLab { lab in
      do throws(LabFailure) {
        try lab.set("net.ipv4.tcp_no_such_key", "1")
      } catch {
        if case .notApplicable(let reason) = error { return reason }
      }
      return ""
    }
    #expect(reason == "this kernel has no net.ipv4.tcp_no_such_key here")
  }

  /// No typing error of ours reaches outside the network's keys.
  @Test(arguments: ["kernel.hostname", "vm.swappiness", "net.../kernel/hostname", ""])
  func otherKeysAreOutOfReach(_ key: String) throws {
    let isRefused = try inLab { lab in
      do throws(LabFailure) {
        try lab.set(key, "x")
      } catch {
        if case .failed = error { return true }
      }
      return false
    }
    #expect(isRefused)
  }
}
