import Facts

/// What a command wants to know beside the cheap facts.
struct Effort {
  /// When the table of connections is walked.
  enum Walk: String, CaseIterable {
    /// Where the prediction is within the budget.
    case auto
    case always, never
  }

  /// Whether processes behind listeners are looked for.
  var owners: Bool
  /// When the table of connections is walked.
  var walk: Walk
  /// Whether the sockets of every state are counted, whatever it costs.
  var states = false
  /// Whether connections and destinations are looked at, whatever it costs.
  var connections = false

  /// Whether sysctl files are read, and where not why.
  var files: Files = .unread("not asked for")

  /// Whether sysctl files are read.
  enum Files: Equatable {
    case read
    case unread(String)
  }

  /// Only what is always gathered.
  static let cheap = Effort(owners: false, walk: .never)
}

extension Effort {
  /// What a command about listeners wants, as far as its options let it.
  init(_ arguments: Arguments) throws(Failure) {
    owners = !arguments.has(.noOwners)
    walk = try arguments.word(.walk, Walk.self) ?? .auto
    states = arguments.has(.states)
    connections = arguments.has(.connections)
    files = arguments.has(.noFiles) ? .unread("--no-files") : .read
  }
}
