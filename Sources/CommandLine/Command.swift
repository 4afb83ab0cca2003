/// A command: help, arguments and dispatch read this table.
struct Command: Sendable {
  /// The word after `tcptune`.
  var name: String
  /// What stands after it in the help; empty where nothing does.
  var operands = ""
  /// One line for the help, with a full stop.
  var summary: String
  /// What may stand behind it.
  var options: [Option]
  /// Does it.
  var run: @Sendable (_ arguments: Arguments, _ tool: Tool) throws(Failure) -> Outcome

  /// The command of that name, nil for none.
  ///
  /// The table of all is not asked: the options of the others would be made as well.
  static func named(_ name: String) -> Command? {
    switch name {
    case "audit": audit
    case "explain": explain
    case "queues": queues
    case "limits": limits
    case "watch": watch
    case revert.name: revert
    case watchChange.name: watchChange
    default: all.first { $0.name == name }
    }
  }

  static let all: [Command] = [
    .audit, .explain, .queues, .limits, .watch, .files, .diff, .apply, .confirm, .rollback,
    .status, .history, .prove, .snapshot, .rules, .profiles,
  ]
}

/// What a command leaves: its result and what the exit status says.
struct Outcome: Sendable {
  /// What goes to standard output, whole.
  var output: [UInt8]
  /// What the exit status says.
  var status: ExitStatus
  /// Lines for standard error.
  var remarks: [String] = []
  /// What the output was made of, where giving that memory back piece by piece would take longer
  /// than ending the process does.
  var work: Work?
  /// Whether the status tells what became of the host, whether or not the output can be written.
  var isAboutHost = false

  init(_ output: String, _ status: ExitStatus = .done, remarks: [String] = []) {
    self.output = Array(output.utf8)
    self.status = status
    self.remarks = remarks
  }

  init(bytes: [UInt8], _ status: ExitStatus, remarks: [String] = []) {
    output = bytes
    self.status = status
    self.remarks = remarks
  }
}
