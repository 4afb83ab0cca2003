public import Expressions
public import Facts
import Synchronization

/// The tunables of a catalogue by their keys.
///
/// A page that is built into the program is read when its key is first asked for, and of most an
/// audit asks for no more than its unit, however many pages there are.
public struct TunableTable: Sendable {
  private var read: [SysctlKey: Tunable] = [:]
  private var shelf: Shelf?

  /// Pages that were checked, and what was read of them.
  private final class Shelf: Sendable {
    private struct Known {
      var tunable: Tunable?
      var shape: TunableShape?
      var namespaced: ByRelease<Bool>?
      var defaultValue: ByRelease<[Expression]?>?
    }

    let keys: [SysctlKey]
    private let pages: [PageFile]
    private let known: Mutex<[Known]>

    /// Pages in the order of their keys.
    init(_ pages: [PageFile]) {
      keys = pages.map { SysctlKey(literal: $0.name) }
      self.pages = pages
      known = Mutex([Known](repeating: Known(), count: pages.count))
    }

    private func place(of key: SysctlKey) -> Int? {
      var range = keys.indices
      while !range.isEmpty {
        let middle = range.lowerBound + range.count / 2
        if keys[middle].name == key.name { return middle }
        range =
          keys[middle].name < key.name
          ? middle + 1..<range.upperBound : range.lowerBound..<middle
      }
      return nil
    }

    func shape(of key: SysctlKey) -> TunableShape? {
      guard let place = place(of: key) else { return nil }
      return known.withLock { known in
        if let shape = known[place].shape { return shape }
        let shape = TunableCode.shape(pages[place].code) ?? Tunable(checked: pages[place])?.shape
        known[place].shape = shape
        return shape
      }
    }

    func bounds(of key: SysctlKey) -> TunableBounds? {
      guard let place = place(of: key) else { return nil }
      return TunableCode(pages[place])?.bounds ?? tunable(key)?.bounds
    }

    func code(of key: SysctlKey) -> String? { place(of: key).map { pages[$0].code } }

    func namespaced(_ key: SysctlKey) -> ByRelease<Bool>? {
      guard let place = place(of: key) else { return nil }
      return known.withLock { known in
        if let value = known[place].namespaced { return value }
        let value =
          TunableCode(pages[place])?.namespaced ?? Tunable(checked: pages[place])?.namespaced
        known[place].namespaced = value
        return value
      }
    }

    func defaultValue(of key: SysctlKey) -> ByRelease<[Expression]?>? {
      guard let place = place(of: key) else { return nil }
      return known.withLock { known in
        if let value = known[place].defaultValue { return value }
        let value =
          TunableCode(pages[place])?.defaultValue ?? Tunable(checked: pages[place])?.defaultValue
        known[place].defaultValue = value
        return value
      }
    }

    func tunable(_ key: SysctlKey) -> Tunable? {
      guard let place = place(of: key) else { return nil }
      return known.withLock { known in
        if let tunable = known[place].tunable { return tunable }
        let tunable = Tunable(checked: pages[place])
        known[place].tunable = tunable
        return tunable
      }
    }
  }

  /// No tunable.
  init() {}

  /// Tunables of pages that were checked, in the order of the keys that their files are called by.
  init(checked pages: [PageFile]) {
    shelf = Shelf(pages)
  }

  /// The tunable of a key, nil where no page describes it.
  public internal(set) subscript(key: SysctlKey) -> Tunable? {
    get { added(key) ?? shelf?.tunable(key) }
    set { read[key] = newValue }
  }

  private func added(_ key: SysctlKey) -> Tunable? { read.isEmpty ? nil : read[key] }

  /// How the text of a key becomes numbers, nil where no page describes it.
  public func shape(of key: SysctlKey) -> TunableShape? {
    added(key)?.shape ?? shelf?.shape(of: key)
  }

  /// What a remedy asks of the key's page, nil where no page describes it.
  public func bounds(of key: SysctlKey) -> TunableBounds? {
    added(key)?.bounds ?? shelf?.bounds(of: key)
  }

  /// Whether each network namespace has its own; nil where no page describes the key.
  public func namespaced(_ key: SysctlKey) -> ByRelease<Bool>? {
    added(key)?.namespaced ?? shelf?.namespaced(key)
  }

  /// The formulas of a key's default, nil where no page describes it.
  public func defaultValue(of key: SysctlKey) -> ByRelease<[Expression]?>? {
    added(key)?.defaultValue ?? shelf?.defaultValue(of: key)
  }

  /// Whether a key's text surely is its default under a release, whatever the machine; false where
  /// that takes a look at the machine.
  public func isPlainDefault(_ text: String, of key: SysctlKey, _ release: KernelRelease) -> Bool {
    guard added(key) == nil, let code = shelf?.code(of: key) else { return false }
    return TunableCode.isPlainDefault(text, release, code: code)
  }

  /// Every key, sorted.
  public var keys: [SysctlKey] {
    let shelved = shelf?.keys ?? []
    if read.isEmpty { return shelved }
    return (shelved.filter { read[$0] == nil } + Array(read.keys)).sorted()
  }

  /// Every tunable, in the order of the keys.
  public var all: [Tunable] { keys.compactMap { self[$0] } }
}
