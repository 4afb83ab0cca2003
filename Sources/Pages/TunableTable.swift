public import Facts
import Synchronization

/// The tunables of a catalogue by their keys.
///
/// A page that is built into the program is read when its key is first asked for: an audit asks for
/// those that its rules name, however many pages there are.
public struct TunableTable: Sendable {
  private var read: [SysctlKey: Tunable] = [:]
  private var shelf: Shelf?

  /// Pages that were checked, and what was read of them.
  private final class Shelf: Sendable {
    let pages: [SysctlKey: PageFile]
    private let read = Mutex<[SysctlKey: Tunable]>([:])

    init(_ pages: [SysctlKey: PageFile]) { self.pages = pages }

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
