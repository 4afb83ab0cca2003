/// How the loaders make a path below /proc/sys of a key's spelling.
enum KeyPaths {
  /// The first separator decides: after a dot, dots and slashes are swapped; after a slash the text
  /// is a path as it stands (procps `slashdot`, systemd `sysctl_normalize`).
  static func swapped(_ spelling: String) -> String {
    guard
      let first = spelling.utf8.first(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/") }
      ),
      first == UInt8(ascii: ".")
    else { return spelling }
    return exchanged(spelling)
  }

  /// Dots for slashes and slashes for dots.
  static func exchanged(_ text: String) -> String {
    String(
      decoding: text.utf8.map { byte in
        switch byte {
        case UInt8(ascii: "."): UInt8(ascii: "/")
        case UInt8(ascii: "/"): UInt8(ascii: ".")
        default: byte
        }
      }, as: UTF8.self)
  }

  /// The path without empty pieces and `.`; `..` stays (systemd `path_simplify`).
  ///
  /// A leading slash goes, but not one that stands alone: `/` is another key than none at all
  /// (systemd `sysctl_normalize`).
  static func simplified(_ path: String) -> String {
    let pieces = path.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }
      .filter { $0 != "." }
    guard pieces.isEmpty, path.utf8.first == UInt8(ascii: "/") else {
      return pieces.joined(separator: "/")
    }
    return "/"
  }

  /// Whether a piece of the path is `..`.
  static func climbs(_ path: String) -> Bool {
    path.utf8.split(separator: UInt8(ascii: "/")).contains { Substring($0) == ".." }
  }

  /// What busybox makes of a key: with a slash behind the first dot the two are swapped, else dots
  /// become slashes only as far as there is a file of that name (`sysctl_dots_to_slashes`).
  static func busybox(_ spelling: String, exists: (String) -> Bool) -> String {
    let bytes = Array(spelling.utf8)
    let dot = bytes.firstIndex(of: UInt8(ascii: ".")) ?? bytes.count
    let slash = bytes.firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
    if slash < bytes.count, dot < slash { return exchanged(spelling) }
    var name = bytes
    var done = -1
    search: while true {
      var end = name.count
      while end > done {
        if end == name.count || name[end] == UInt8(ascii: "."),
          exists(String(decoding: name[..<end], as: UTF8.self))
        {
          if end == name.count { break search }
          name[end] = UInt8(ascii: "/")
          done = end
          continue search
        }
        end -= 1
      }
      break
    }
    return String(decoding: name, as: UTF8.self)
  }
}
