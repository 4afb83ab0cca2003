/// The program's name and version, as every document that it writes carries them.
public enum ToolIdentity {
  /// `tcptune`.
  public static let name = "tcptune"
  /// The version of this source tree.
  public static let version = "0.1.0"
}
