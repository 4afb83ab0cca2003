/// What stands below /proc/sys: names of all, values of those that were asked for.
///
/// Paths are below /proc/sys, as files are called there: `net/ipv4/conf/eth0.100/rp_filter`.
public struct KeyListing: Equatable, Sendable {
  /// What was read of one key.
  public struct Key: Equatable, Sendable {
    /// Its text, or why there is none.
    public var text: Reading<String>
    /// Whether its mode lets the owner write it.
    public var isWritable: Bool

    /// A key as it was read.
    public init(text: Reading<String>, isWritable: Bool) {
      self.text = text
      self.isWritable = isWritable
    }
  }

  /// Every folder that was listed whole, `""` for the topmost.
  public var folders: Set<String> = []
  /// Every key that was met.
  public var names: Set<String> = []
  /// What was read.
  public var keys: [String: Key] = [:]

  /// Nothing yet.
  public init() {}
}
