public import Facts
import SysctlConf

/// A set of keys for a purpose: a valid sysctl.d file with a reason above each key.
public struct Profile: Sendable {
  /// One key of a profile.
  public struct Entry: Sendable {
    /// How the value stands to the present one.
    public enum Operator: Equatable, Sendable {
      /// The value in the file.
      case value(ChangeOperator)
      /// The page's default for the host at hand; the value in the file is the newest release's.
      case defaultValue
    }

    /// The key.
    public var key: SysctlKey
    /// The value, numbers in the kernel's own unit: the file's, or with other parameters than the
    /// profile states what its formula gives.
    public var content: KeyContent
    /// How one of the numbers comes of the profile's parameters; nil for a fixed value.
    public var formula: Formula?
    /// What the formula gave.
    public var sizing: Sizing?
    /// How they stand to the present ones.
    public var `operator`: Operator
    /// Whether a name is to be left out where the kernel has it not among those to choose of.
    public var isOptional = false
    /// Why, in sentences.
    public var reason: String
    /// The line in the file.
    public var line: Int
  }

  /// A profile that another one names in `# includes:`.
  public struct Include: Equatable, Sendable {
    /// The name or path, as it is written.
    public var name: String
    /// Where it stands.
    public var line: Int
    /// Where it stands in the line, counted in characters from 1.
    public var column: Int
  }

  /// The words that may stand in the first lines.
  enum Word: String, CaseIterable {
    case title
    case purpose = "for"
    case notFor = "not-for"
    case costs, leaves, parameter, sources, includes

    /// Whether it may stand there several times.
    var isRepeatable: Bool {
      switch self {
      case .title, .purpose, .notFor: false
      case .costs, .leaves, .parameter, .sources, .includes: true
      }
    }
  }

  /// The origin of profiles that are part of the program.
  public static let builtIn = "built in"

  /// The name by which it is asked for: the file's without `.conf`.
  public var name: String
  /// Where it was found: a path, or ``builtIn``.
  public var origin: String
  /// The profile that includes it, nil for one that was asked for.
  public var includedBy: String?
  /// One line about it.
  public var title: String
  /// Which hosts it is for.
  public var purpose: String
  /// Which hosts it is not for; empty where it does not say.
  public var notFor: String
  /// What it takes from the host, one sentence each.
  public var costs: [String]
  /// What it leaves to others, one sentence each.
  public var leaves: [String]
  /// What its formulas are computed from, each with the amount that holds unless another is given.
  public var parameters: [SizingParameter.Value]
  /// Claim ids and kernel files.
  public var sources: [String]
  /// The profiles whose keys come before its own, in the order of the file.
  public var includes: [Include]
  /// The keys, in the order of the file.
  public var entries: [Entry]

  /// Where one of its lines stands: `high-conn.conf:18`.
  public func place(of entry: Entry) -> String {
    "\(origin == Self.builtIn ? "\(name).conf" : origin):\(entry.line)"
  }

  /// Reads a profile and checks it against the tunables' pages.
  ///
  /// A number that the kernel would refuse is for the plan to say, which knows the release.
  ///
  /// - Parameters:
  ///   - name: the name by which it is asked for.
  ///   - origin: where it was found, as problems print it.
  ///   - bytes: the file's content.
  ///   - tunables: the pages of the keys.
  ///   - isShipped: whether to ask of it what shipped profiles promise: `not-for`, costs, sources,
  ///     and numbers that the newest kernel takes.
  /// - Returns: the profile, nil when something is wrong, and all that is wrong.
  public static func read(
    name: String, origin: String, bytes: [UInt8], tunables: TunableTable,
    isShipped: Bool
  ) -> (profile: Profile?, problems: [PageProblem]) {
    let (profile, problems) = reading(
      name: name, origin: origin, bytes: bytes, tunables: tunables, isShipped: isShipped)
    return (problems.isEmpty ? profile : nil, problems)
  }

  /// The same, with what could be read of it whatever is wrong.
  static func reading(
    name: String, origin: String, bytes: [UInt8], tunables: TunableTable,
    isShipped: Bool
  ) -> (profile: Profile, problems: [PageProblem]) {
    var reader = ProfileReader(origin: origin, tunables: tunables, isShipped: isShipped)
    reader.read(ConfFile(parsing: bytes))
    let head = reader.head
    let profile = Profile(
      name: name, origin: origin, title: head.text(.title), purpose: head.text(.purpose),
      notFor: head.text(.notFor), costs: head.texts(.costs), leaves: head.texts(.leaves),
      parameters: head.parameters,
      sources: head.items(.sources).map { String($0.text) },
      includes: head.items(.includes).map { item in
        let place = item.field.place(of: item.text)
        return Include(name: String(item.text), line: place.line, column: place.column)
      }, entries: reader.entries)
    return (profile, reader.problems.sorted())
  }
}
