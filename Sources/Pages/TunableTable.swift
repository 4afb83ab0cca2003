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
    let pages: [SysctlKey: PageFile]
    private let read = Mutex<[SysctlKey: Tunable]>([:])
    private let shapes = Mutex<[SysctlKey: TunableShape]>([:])

    init(_ pages: [SysctlKey: PageFile]) { self.pages = pages }

    func shape(of key: SysctlKey) -> TunableShape? {
      guard let page = pages[key] else { return nil }
      return shapes.withLock { shapes in
        if let shape = shapes[key] { return shape }
        let shape = TunableShape(ofChecked: page)
        shapes[key] = shape
        return shape
      }
    }

    func tunable(_ key: SysctlKey) -> Tunable? {
      guard let page = pages[key] else { return nil }
      return read.withLock { read in
        if let tunable = read[key] { return tunable }
        let tunable = Tunable(checked: page)
        read[key] = tunable
        return tunable
      }
    }
  }

  /// No tunable.
  init() {}

  /// How the text of a key becomes numbers, nil where no page describes it.
  public func shape(of key: SysctlKey) -> TunableShape? {
    read[key]?.shape ?? shelf?.shape(of: key)
  }

  /// Tunables of pages that were checked, by the keys that their files are called by.
  init(checked pages: [SysctlKey: PageFile]) {
    shelf = Shelf(pages)
  }

  /// The tunable of a key, nil where no page describes it.
  public internal(set) subscript(key: SysctlKey) -> Tunable? {
    get { read[key] ?? shelf?.tunable(key) }
    set { read[key] = newValue }
  }

  /// Every key, sorted.
  public var keys: [SysctlKey] {
    let unread = shelf?.pages.keys.filter { read[$0] == nil } ?? []
    return (unread + Array(read.keys)).sorted()
  }

  /// Every tunable, in the order of the keys.
  public var all: [Tunable] { keys.compactMap { self[$0] } }
}
