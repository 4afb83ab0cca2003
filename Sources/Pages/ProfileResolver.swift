import Facts

/// Brings a profile together with those that it includes.
///
/// An included profile comes before the one that names it, each once, so that among several that
/// set a key the later is the one that knows of the earlier.
public struct ProfileResolver {
  /// What a name leads to.
  public enum Found: Sendable {
    /// A file; `identity` is the same for every spelling of its name.
    case file(name: String, origin: String, identity: String, bytes: [UInt8])
    /// No profile has this name: what was expected, and a hint.
    case unknown(String)
    /// There is one, and it cannot be read.
    case unreadable(String)
  }

  /// Why a name that was asked for leads to no profile.
  public struct Failure: Error, Equatable, Sendable {
    /// What was expected and what was found.
    public var message: String

    /// A failure in these words.
    public init(message: String) {
      self.message = message
    }
  }

  private let tunables: TunableTable
  private let isShipped: Bool
  private let find: (_ name: String, _ from: Profile?) -> Found
  private var profiles: [Profile] = []
  private var done: Set<String> = []
  /// From the profile that was asked for to the one that is being read.
  private var open: [(name: String, identity: String)] = []
  private var problems: [PageProblem] = []

  private init(
    tunables: TunableTable, isShipped: Bool, find: @escaping (String, Profile?) -> Found
  ) {
    self.tunables = tunables
    self.isShipped = isShipped
    self.find = find
  }

  /// The profile of that name and those that it includes, directly or not.
  ///
  /// - Parameters:
  ///   - name: as the user typed it.
  ///   - tunables: the pages of the keys.
  ///   - isShipped: whether to ask of them what shipped profiles promise.
  ///   - find: what a name leads to, seen from the profile that names it.
  /// - Returns: the profiles in the order in which later ones win, the one that was asked for last;
  ///   and all that is wrong, then without profiles.
  /// - Throws: ``Failure`` when there is no such profile, or it cannot be read.
  public static func resolve(
    _ name: String, tunables: TunableTable, isShipped: Bool = false,
    find: @escaping (_ name: String, _ from: Profile?) -> Found
  ) throws(Failure) -> (profiles: [Profile], problems: [PageProblem]) {
    var resolver = ProfileResolver(tunables: tunables, isShipped: isShipped, find: find)
    switch find(name, nil) {
    case .unknown(let message), .unreadable(let message): throw Failure(message: message)
    case .file(let name, let origin, let identity, let bytes):
      resolver.add(name, origin, identity, bytes, from: nil)
    }
    let problems = resolver.problems
    return (problems.isEmpty ? resolver.profiles : [], problems)
  }

  private mutating func add(
    _ name: String, _ origin: String, _ identity: String, _ bytes: [UInt8], from parent: Profile?
  ) {
    done.insert(identity)
    let read = Profile.reading(
      name: name, origin: origin, bytes: bytes, tunables: tunables, isShipped: isShipped)
    problems += read.problems
    // What it includes is looked at whatever is wrong with it: everything is told at once.
    var profile = read.profile
    profile.includedBy = parent?.name
    open.append((name, identity))
    for include in profile.includes { follow(include, from: profile) }
    open.removeLast()
    profiles.append(profile)
  }

  private mutating func follow(_ include: Profile.Include, from profile: Profile) {
    func note(_ message: String) -> PageProblem {
      PageProblem(
        file: profile.origin, line: include.line, column: include.column, message: message)
    }
    switch find(include.name, profile) {
    case .unknown(let message), .unreadable(let message): problems.append(note(message))
    case .file(let name, let origin, let identity, let bytes):
      if let start = open.firstIndex(where: { $0.identity == identity }) {
        let circle = (open[start...].map(\.name) + [name]).joined(separator: " -> ")
        problems.append(note("expected no profile that includes this one, found \(circle)"))
      } else if !done.contains(identity) {
        add(name, origin, identity, bytes, from: profile)
      }
    }
  }
}
