import Pages

/// The files that the build put into the program.
enum EmbeddedFiles {
  /// Pages of rules without their bodies, in the order of their ids.
  static func rules() -> [PageFile] {
    EmbeddedCatalogue.rules.map {
      PageFile(path: $0.path, name: $0.name, header: $0.header, body: "", code: $0.code)
    }
  }

  /// Pages of tunables without their bodies, in the order of their keys.
  static func tunables() -> [PageFile] {
    EmbeddedCatalogue.tunables.map {
      PageFile(path: $0.path, name: $0.name, header: $0.header, body: "", code: $0.code)
    }
  }

  /// The page to be read of that name, without its body.
  static func reference(_ name: String) -> PageFile? {
    EmbeddedCatalogue.references.first { $0.name == name }.map {
      PageFile(path: $0.path, name: $0.name, header: $0.header, body: "")
    }
  }

  /// The pages that a folded name leads to, with how well it fits.
  static func pages(folded name: String) -> [(rank: Int, page: String)] {
    let names = EmbeddedCatalogue.names
    var range = names.indices
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      if names[middle].folded < name {
        range = middle + 1..<range.upperBound
      } else {
        range = range.lowerBound..<middle
      }
    }
    return names[range.lowerBound...].prefix { $0.folded == name }.map { ($0.rank, $0.page) }
  }

  /// The ids of the rules about a key, a counter or a count of sockets; nil for any other name.
  static func rules(about name: String) -> [String]? {
    EmbeddedCatalogue.rulesAbout.first { $0.name == name }.map { found in
      found.rules.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
    }
  }

  /// Every name of every page, folded, with how well it fits.
  static var names: [(folded: String, rank: Int, page: String)] { EmbeddedCatalogue.names }

  /// Every page's name, kind and title.
  static func titles() -> [(page: String, kind: String, title: String)] {
    EmbeddedCatalogue.titles
  }

  /// The title of the page of that name.
  static func title(of name: String) -> String? {
    EmbeddedCatalogue.titles.first { $0.page == name }?.title
  }

  /// What the page of that name is about.
  static func kind(of name: String) -> String? {
    EmbeddedCatalogue.titles.first { $0.page == name }?.kind
  }

  /// The names of the pages to be read.
  static var referenceNames: Set<String> { Set(EmbeddedCatalogue.references.map(\.name)) }

  /// The page of that name with its body.
  static func body(of name: String) -> PageFile? {
    let coded =
      EmbeddedCatalogue.rules.first { $0.name == name }
      ?? EmbeddedCatalogue.tunables.first { $0.name == name }
    if let page = coded {
      return PageFile(path: page.path, name: page.name, header: page.header, body: page.body)
    }
    return EmbeddedCatalogue.references.first { $0.name == name }.map { page in
      PageFile(path: page.path, name: page.name, header: page.header, body: page.body)
    }
  }
}
