/// Why a command ends without a result; worded here and nowhere else.
struct Failure: Error {
  /// The exit status that goes with it.
  var status: ExitStatus
  /// One clear line: where, what was expected, what was found.
  var message: String
  /// Every problem of the input, where there are several; printed instead of the message.
  var problems: [String] = []

  static func usage(_ message: String) -> Failure { Failure(status: .usage, message: message) }

  static func refused(_ message: String) -> Failure { Failure(status: .refused, message: message) }

  /// All problems of one input at once.
  static func problems(_ problems: [String]) -> Failure {
    Failure(
      status: .usage, message: problems.first ?? "", problems: problems)
  }

  /// ` ; did you mean 'X'?`, or nothing.
  static func hint(_ nearest: String?) -> String {
    nearest.map { "; did you mean '\($0)'?" } ?? ""
  }
}
