import Pages

/// The files that the build put into the program.
enum EmbeddedFiles {
  /// Pages without their bodies.
  static func pages() -> [PageFile] {
    records(EmbeddedCatalogue.headers).map { record in
      PageFile(path: record.path, header: String(record.text), body: "")
    }
  }

  /// The page of that name with its body.
  static func body(of name: String) -> PageFile? {
    let path = "/\(name).md"
    guard
      let header = records(EmbeddedCatalogue.headers).first(where: { $0.path.hasSuffix(path) }),
      let body = records(EmbeddedCatalogue.bodies).first(where: { $0.path.hasSuffix(path) })
    else { return nil }
    return PageFile(path: body.path, header: String(header.text), body: String(body.text))
  }

  /// Profiles by name.
  static func profiles() -> [(name: String, text: String)] {
    records(EmbeddedCatalogue.profiles).map { record in
      let file = record.path.split(separator: "/").last ?? ""
      return (String(file.dropLast(".conf".count)), String(record.text))
    }
  }

  /// Cuts a literal into its records: a path, then the text until the record separator.
  private static func records(_ text: String) -> [(path: String, text: Substring)] {
    text.utf8.split(separator: 0x1e).map { record in
      // The separator stands on a line of its own.
      let body = record.first == UInt8(ascii: "\n") ? record.dropFirst() : record[...]
      let end = body.firstIndex(of: UInt8(ascii: "\n")) ?? body.endIndex
      let rest = end < body.endIndex ? body[body.index(after: end)...] : body[end...]
      return (String(Substring(body[..<end])), Substring(rest))
    }
  }
}
