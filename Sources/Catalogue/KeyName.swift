public import Facts

/// The short names of keys.
public enum KeyName {
  /// Whether `word` names the key by its last component, with or without `tcp_`.
  public static func isShort(_ word: some StringProtocol, for key: SysctlKey) -> Bool {
    let last = key.lastComponent
    return last == word || (last.hasPrefix("tcp_") && last.dropFirst(4) == word)
  }
}
