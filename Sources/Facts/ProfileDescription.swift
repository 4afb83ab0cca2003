/// A profile as it describes itself, without its keys.
public struct ProfileDescription: Equatable, Sendable {
  /// The name by which it is asked for.
  public var name: String
  /// A path, or `built in`.
  public var origin: String
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
  /// What its numbers are computed from, with the amounts that hold here.
  public var parameters: [SizingParameter.Value]
  /// The profiles that it includes, as it names them.
  public var includes: [String]
  /// Claim ids and kernel files.
  public var sources: [String]
  /// How many keys it sets itself.
  public var keys: Int

  /// A profile's description.
  public init(
    name: String, origin: String, title: String, purpose: String, notFor: String,
    costs: [String], leaves: [String], parameters: [SizingParameter.Value], includes: [String],
    sources: [String], keys: Int
  ) {
    self.name = name
    self.origin = origin
    self.title = title
    self.purpose = purpose
    self.notFor = notFor
    self.costs = costs
    self.leaves = leaves
    self.parameters = parameters
    self.includes = includes
    self.sources = sources
    self.keys = keys
  }
}
