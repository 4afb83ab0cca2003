/// A line of a sysctl file that ought to go (`unset:` of a rule).
///
/// It is shown as a difference of that file and never made by us: the file is somebody else's.
public struct Removal: Hashable, Sendable {
  /// The file, as the host names it: `/etc/sysctl.d/50-old.conf`.
  public var file: String
  /// The line, counted from 1.
  public var line: Int
  /// The key that the line sets.
  public var key: SysctlKey
  /// Why: the titles of rules.
  public var reason: String
  /// Which rules ask for it, parted by commas.
  public var source: String

  /// A line with why it ought to go.
  public init(file: String, line: Int, key: SysctlKey, reason: String, source: String) {
    self.file = file
    self.line = line
    self.key = key
    self.reason = reason
    self.source = source
  }
}
