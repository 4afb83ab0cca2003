/// Files as careless people leave them, for properties that must hold of every file.
enum RandomConf {
  /// Lines that matter to loaders, to us or to patch(1).
  private static let lines = [
    "net.core.somaxconn = 4096", "net.core.somaxconn=128", "net/core/somaxconn = 511",
    "  net.core.somaxconn\t=  128  ", "net.ipv4.tcp_rmem = 4096 131072 6291456",
    "net.ipv4.tcp_rmem = 4096\t131072\t6291456", "vm.swappiness = 10", "net.ipv4.tcp_syncookies=",
    "# net.core.somaxconn: a reason", "# a reason", "; a reason", "#", "", "   ", "\t",
    "net.core.somaxconn = 1024\r", "\r", "= 5", "net.core.somaxconn", "-net.core.somaxconn",
    "-net.core.somaxconn = 7",
    "net.core.somaxconn = 1 = 2", "--- a/etc/sysctl.conf", "+++ b/etc/sysctl.conf",
    "@@ -1,2 +1,2 @@", "-- ", "\\ No newline at end of file", "Index: x", "*** 1,2 ****", "0a1",
    "net.core.s\u{f6}maxconn = 1", "[Unit]",
  ]

  /// Some of these lines, with or without a newline at the end.
  static func file(
    upTo most: Int = 30, _ generator: inout some RandomNumberGenerator
  ) -> [UInt8] {
    let count = Int.random(in: 0...most, using: &generator)
    let lines = (0..<count).map { _ in line(&generator) }
    let endsInNewline = Bool.random(using: &generator)
    return Array((lines.joined(separator: "\n") + (endsInNewline && count > 0 ? "\n" : "")).utf8)
  }

  /// The file with a few lines changed, taken out or put in.
  static func mutated(_ file: [UInt8], _ generator: inout some RandomNumberGenerator) -> [UInt8] {
    let newline = UInt8(ascii: "\n")
    var lines = file.split(separator: newline, omittingEmptySubsequences: false).map { Array($0) }
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      let other = Array(line(&generator).utf8)
      let at = Int.random(in: 0...lines.count, using: &generator)
      switch Int.random(in: 0...2, using: &generator) {
      case 0: lines.insert(other, at: at)
      case 1 where at < lines.count: lines[at] = other
      case 2 where at < lines.count: lines.remove(at: at)
      default: break
      }
    }
    return Array(lines.joined(separator: [newline]))
  }

  /// Bytes without any sense, many of them such as part lines and words.
  static func bytes(_ generator: inout some RandomNumberGenerator) -> [UInt8] {
    let telling = Array("\n\r\t =#;-\\a.".utf8) + [0, 0x80, 0xff]
    return (0..<Int.random(in: 0...60, using: &generator)).map { _ in
      Bool.random(using: &generator)
        ? telling[Int.random(in: 0..<telling.count, using: &generator)]
        : UInt8.random(in: 0...255, using: &generator)
    }
  }

  private static func line(_ generator: inout some RandomNumberGenerator) -> String {
    lines[Int.random(in: 0..<lines.count, using: &generator)]
  }
}

extension [UInt8] {
  /// The bytes as they are to be shown when a property fails.
  var shown: String { String(decoding: self, as: UTF8.self).debugDescription }
}
