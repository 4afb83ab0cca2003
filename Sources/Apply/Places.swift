/// Where things are.
///
/// No path comes from a journal, the environment or an argument.
enum Places {
  /// The folder that holds the folder of our state.
  static let stateParent = "/var/lib"
  /// Our state's name in it.
  static let stateName = "tcptune"
  /// Where sysctl files of the administrator are.
  static let files = "/etc/sysctl.d"
  /// Where running programs leave their traces, and ours in it.
  static let runParent = "/run"
  static let runName = "tcptune"

  static var state: String { "\(stateParent)/\(stateName)" }

  /// What stands behind the name of a file while it is written: no loader reads such a name, and a
  /// listing shows it.
  static let unfinished = ".tcptune-new"
}

/// The files of the state's folder.
enum StateName {
  static let format = "format"
  static let lock = "lock"
  static let journal = "journal.json"
  static let history = "history"
  static let failed = "failed"
}
