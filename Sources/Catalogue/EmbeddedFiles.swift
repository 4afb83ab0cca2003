import Pages

/// The files that the build put into the program.
enum EmbeddedFiles {
  /// Pages without their bodies.
  static func pages() -> [PageFile] {
    EmbeddedCatalogue.pages.map {
      PageFile(path: $0.path, name: $0.name, header: $0.header, body: "", code: $0.code)
    }
  }

  /// The page of that name with its body.
  static func body(of name: String) -> PageFile? {
    EmbeddedCatalogue.pages.first { $0.name == name }.map { page in
      PageFile(path: page.path, name: page.name, header: page.header, body: page.body)
    }
  }
}
