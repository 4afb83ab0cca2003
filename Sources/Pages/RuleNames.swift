import Expressions
public import Facts

extension Rule {
  /// Whether the condition or the remedy names the key or an element of it.
  public func names(_ key: SysctlKey) -> Bool {
    changes.contains { $0.key == key }
      || when.asked.contains { asked in
        asked == key.name || asked.hasPrefix("\(key.name).")
          || asked.has("(\(key.name))") || asked.has("(\(key.name).")
      }
  }

  /// Whether the condition asks for a fact that stands alone, or how fast it grows.
  public func asks(_ fact: String) -> Bool {
    when.asked.contains { $0 == fact || $0.has("(\(fact))") }
  }
}
