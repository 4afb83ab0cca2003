import Foundation
import Support
import Testing

/// The fault loops: every system call of every command that changes the host fails, once and for
/// good, or is the last; the host is whole afterwards, and the exit status was true.
@Suite(
  .enabled(if: PrivateHost.isPermitted, Comment(rawValue: PrivateHost.reason)),
  .enabled(if: access("/usr/bin/strace", X_OK) == 0, "needs strace"))
struct ApplyFaultTests {
  @Test func theHostIsWholeWhateverFails() async throws {
    let loop = try FaultLoop()
    let all = try loop.run()
    print(all.closingLine)
    #expect(all.wrong.isEmpty, "\(all.wrong.prefix(20).joined(separator: "\n"))")
    #expect(all.count >= loop.least)
    #expect(all.missed <= all.count / 20)
  }

  /// NFS and older ZFS swap no files, and do not see that a name is free.
  @Test func aFileSystemThatCannotSwap() throws {
    let lies = try PrivateHost.run { host in
      let run = try FaultRun(host)
      return try run.commands.filter { $0.kind != .watcher && $0.kind != .watcherStart }
        .compactMap { try run.lieWithoutSwapping($0) }
    }
    #expect(lies == [])
  }

  /// Of several numbers the kernel has taken those before the one that it refuses.
  @Test func aVectorThatIsTakenInPart() throws {
    let (status, errors, now, stock) = try PrivateHost.run { host in
      let faulty = try FaultyHost(host)
      let stock = try faulty.scene()
      let words = faulty.applying("first", ["--no-trial"])
      for number in 1...60 {
        try faulty.restore(stock)
        let isWritten = try faulty.stopped(words, at: "write", number) {
          try faulty.value("net.ipv4.tcp_rmem") == "8192 262144 8388608"
        }
        guard isWritten != nil else { break }
        guard isWritten == true else { continue }
        try faulty.restore(stock)
        guard let stop = try faulty.stop(words, at: "write", number, failing: "EINVAL") else {
          break
        }
        defer { stop.end() }
        try host.set("net.ipv4.tcp_rmem", "8192")
        return (try stop.goOn(), stop.strace.errors, try faulty.situation(), stock.situation)
      }
      throw FixtureFailure("the key was never written")
    }
    #expect(status == 4, "\(errors)")
    #expect(errors.contains("tcp_rmem: Invalid argument"), "\(errors)")
    #expect(now == stock)
  }
}
