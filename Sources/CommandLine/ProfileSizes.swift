import Facts
import Pages

/// The amounts that a user gives the formulas of profiles: `--rtt 40ms --bandwidth 10Gbit`.
struct ProfileSizes {
  /// Each parameter's option.
  private static func option(_ parameter: SizingParameter) -> Option {
    switch parameter {
    case .rtt: .profileRoundTrip
    case .bandwidth: .bandwidth
    }
  }

  private var given: [SizingParameter: SizingParameter.Value] = [:]

  /// None: the profiles' own amounts hold.
  init() {}

  /// What the options say.
  init(_ arguments: Arguments) throws(Failure) {
    for parameter in SizingParameter.allCases {
      let option = Self.option(parameter)
      guard let text = arguments.value(option) else { continue }
      guard let value = parameter.value(text) else {
        throw .usage("\(option.name): expected \(parameter.expected), found '\(text)'")
      }
      given[parameter] = value
    }
  }

  /// They are about profiles, and no command has one of its own accord.
  static func expectProfile(_ arguments: Arguments) throws(Failure) {
    guard !arguments.has(.profile) else { return }
    for option in SizingParameter.allCases.map(option) where arguments.has(option) {
      throw .usage("\(option.name): expected --profile beside it, found none")
    }
  }

  /// As words of a command line: ` --rtt 40ms`.
  static func words(_ arguments: Arguments) -> [String] {
    SizingParameter.allCases.map(option).compactMap { option in
      arguments.value(option).map { "\(option.name) \($0)" }
    }
  }

  /// The profiles with the numbers that these amounts give.
  func size(
    _ profiles: [Profile], asked names: [String], tunables: TunableTable
  ) throws(Failure) -> [Profile] {
    for parameter in SizingParameter.allCases where given[parameter] != nil {
      let isKnown = profiles.contains { profile in
        profile.parameters.contains { $0.parameter == parameter }
      }
      guard isKnown else {
        throw .usage(
          "\(Self.option(parameter).name): expected a profile with the line '# parameter:"
            + " \(parameter.rawValue) …', found \(names.joined(separator: ", ")) without it")
      }
    }
    var sized: [Profile] = []
    var problems: [PageProblem] = []
    for profile in profiles {
      let result = profile.sized(by: given, tunables: tunables)
      sized.append(result.profile)
      problems += result.problems
    }
    guard problems.isEmpty else { throw .problems(problems.map(\.description)) }
    return sized
  }
}

extension Option {
  static let profileRoundTrip = Option(
    name: "--rtt", value: "D", help: "Size the profile for this round trip (40ms).")
  static let bandwidth = Option(
    name: "--bandwidth", value: "R", help: "Size the profile for this line (10Gbit a second).")
  /// What formulas of profiles are computed from.
  static let sizes = [profileRoundTrip, bandwidth]
}
