public import Facts
import KernelModel

extension Snapshot {
  /// Makes the host as if these keys had these values and every program had called listen() again.
  ///
  /// A limit equal to the cap that was read becomes the new cap, for the program may want all it can
  /// get; any other is cut to the new cap (design: what if).
  ///
  /// - Parameter values: text in the kernel's own unit, by key.
  /// - Returns: the host as it would be.
  public func assuming(_ values: [SysctlKey: String]) -> Snapshot {
    guard !values.isEmpty else { return self }
    var assumed = self
    let before = numbers(of: .somaxconn).value?.first
    for (key, value) in values { assumed.tunables[key] = .known(value) }
    let after = assumed.numbers(of: .somaxconn).value?.first
    guard let after, case .known(var listeners) = listeners else { return assumed }
    // The kernel keeps the cap in a C int.
    let cap = min(max(0, after), Int64(Int32.max))
    for index in listeners.indices {
      let limit = listeners[index].limit
      listeners[index].limit = limit == before ? cap : min(limit, cap)
    }
    assumed.listeners = .known(listeners)
    return assumed
  }
}
