import Foundation
import Support
import Testing

/// What the house allows, in an /etc that only the programs of this test see.
@Suite(.enabled(if: PrivateNetwork.isPermitted, Comment(rawValue: PrivateNetwork.reason)))
struct WaiverLiveTests {
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare"), "needs unshare"))
  func waiversOfTheHouse() throws {
    let script = #"""
      set -e
      mount -t tmpfs none /etc
      mkdir -p /etc/tcptune
      "$0" audit --format json > /dev/null && exit 9 || echo "without: $?"
      printf 'abort-on-overflow: balanced\nnonsense\n' > /etc/tcptune/allow
      "$0" snapshot > /etc/snapshot.json
      "$0" audit > /dev/null && echo "with: $?"
      "$0" audit --snapshot /etc/snapshot.json > /dev/null || echo "of another host: $?"
      """#
    let result = try PrivateNetwork.run { network in
      try network.set("net.ipv4.tcp_abort_on_overflow", "1")
      return try BuiltProgram.run(
        ["--mount", "--propagation", "private", "/bin/sh", "-c", script, BuiltProgram.path],
        program: "/usr/bin/unshare")
    }
    #expect(result.output == "without: 1\nwith: 0\nof another host: 1\n")
    // A wrong line hides no right one.
    #expect(result.errors == "/etc/tcptune/allow:2:1: expected a rule, found 'nonsense'\n")
  }
}
