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

  /// Whether the condition asks a counter, or how fast it grows.
  public func asks(counter name: String) -> Bool {
    when.asked.contains { $0 == name || $0.has("(\(name))") }
  }
}
