import Apply
import Facts
import Testing

struct SameCase: Sendable, CustomTestStringConvertible {
  var key: SysctlKey
  var one: String
  var other: String
  var isSame: Bool

  init(_ key: SysctlKey, _ one: String, _ other: String, _ isSame: Bool) {
    self.key = key
    self.one = one
    self.other = other
    self.isSame = isSame
  }

  var testDescription: String { "\(key): '\(one)' \(isSame ? "=" : "≠") '\(other)'" }
}

private let timeout: SysctlKey = "net.ipv4.tcp_fin_timeout"
private let memory: SysctlKey = "net.ipv4.tcp_rmem"
private let ports: SysctlKey = "net.ipv4.ip_local_reserved_ports"
private let control: SysctlKey = "net.ipv4.tcp_congestion_control"

@Test(arguments: [
  SameCase(timeout, "60", "60", true),
  SameCase(timeout, "60", "61", false),
  SameCase(timeout, " 60\n", "60", true),
  SameCase(timeout, "0x3c", "60", true),
  SameCase(timeout, "0X3C", "60", true),
  SameCase(timeout, "074", "60", true),
  SameCase(timeout, "08", "8", false),
  SameCase(timeout, "0", "00", true),
  SameCase(timeout, "-1", "-1", true),
  SameCase(timeout, "-1", "1", false),
  SameCase(timeout, "-0x1", "-1", true),
  SameCase(timeout, "", "0", false),
  SameCase(timeout, "", "", true),
  SameCase(timeout, "60", "60 60", false),
  SameCase(timeout, "0x", "0", false),
  SameCase(timeout, "9223372036854775807", "9223372036854775808", false),
  SameCase(timeout, "--1", "-1", false),
  SameCase(timeout, "0x-1", "-1", false),
  SameCase(memory, "4096\t131072\t6291456", "4096 131072 6291456", true),
  SameCase(memory, "4096  131072\t 6291456", "4096 131072 6291456", true),
  SameCase(memory, "4096 131072 6291456", "131072 4096 6291456", false),
  SameCase(memory, "4096 131072", "4096 131072 6291456", false),
  SameCase(memory, "0x1000 131072 6291456", "4096\t131072\t6291456", true),
  SameCase(ports, "9000-9010,9005,9011", "9000-9011", true),
  SameCase(ports, "8080,9000", "9000,8080", true),
  SameCase(ports, "8080\n", "8080", true),
  SameCase(ports, "8080", "8081", false),
  SameCase(ports, "", "\n", true),
  SameCase(ports, "", "8080", false),
  SameCase(control, "bbr", "bbr", true),
  SameCase(control, "bbr", "cubic", false),
  SameCase(control, "bbr ", "bbr", true),
  SameCase("net.ipv4.tcp_allowed_congestion_control", "cubic reno", "reno cubic", false),
  // Kept in ticks of the timer: 1 is read as 4 at 250 ticks a second, as 10 at a hundred.
  SameCase("net.ipv4.tcp_invalid_ratelimit", "1", "4", true),
  SameCase("net.ipv4.tcp_invalid_ratelimit", "501", "510", true),
  SameCase("net.ipv4.tcp_invalid_ratelimit", "500", "511", false),
  SameCase("net.ipv4.icmp_ratelimit", "1000", "1004", true),
  SameCase("net.ipv4.icmp_ratelimit", "-9223372036854775807", "9223372036854775807", false),
  // Off is not a tick away from on.
  SameCase("net.ipv4.tcp_invalid_ratelimit", "0", "4", false),
  SameCase(timeout, "501", "504", false),
])
func valuesAreComparedAsTheKernelReadsThem(_ expected: SameCase) {
  #expect(KeyText.isSame(expected.one, expected.other, for: expected.key) == expected.isSame)
  #expect(KeyText.isSame(expected.other, expected.one, for: expected.key) == expected.isSame)
}

@Test func plainHasOneBlank() {
  #expect(KeyText.plain("\t4096  131072\t6291456\n") == "4096 131072 6291456")
  #expect(KeyText.plain("\n") == "")
}
