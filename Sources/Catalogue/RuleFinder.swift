public import Facts
public import Pages

// Which rules are about a key or another fact. Of the built-in ones that was found out when the program
// was built: whoever explains a key reads no other rule's page.
extension Catalogue {
  /// The rules whose condition or remedy names a key, in the order of their ids.
  public func rules(naming key: SysctlKey) -> [Rule] {
    rules(about: key.name) { $0.names(key) }
  }

  /// The rules whose condition asks for a counter or another fact, in the order of their ids.
  public func rules(asking fact: String) -> [Rule] {
    rules(about: fact) { $0.asks(fact) }
  }

  private func rules(about name: String, _ isAbout: (Rule) -> Bool) -> [Rule] {
    // A page that the user brought may be about what no built-in page is about.
    guard !pages.addedNames.contains(name), let known = EmbeddedFiles.rules(about: name) else {
      return pages.rules.filter(isAbout)
    }
    return pages.rules.filter { rule in
      pages.addedNames.contains(rule.id) ? isAbout(rule) : known.contains(rule.id)
    }
  }
}
