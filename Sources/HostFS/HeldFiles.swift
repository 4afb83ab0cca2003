public import Facts
import Glibc

/// The keys of /proc/sys/net and the files of counters, held open and read again and again.
///
/// Reading a held key costs a fifth of opening it anew. The descriptors belong to the network
/// namespace in which they were opened.
public struct HeldFiles: ~Copyable {
  /// Descriptors that are left to the rest of the program.
  private static let spare: UInt = 64
  /// One key of those that were not there is looked for once in so many readings, or once in all turns
  /// where these are more: opening costs more than reading.
  private static let patience = 8

  private struct Key {
    var key: SysctlKey
    /// -1 for a key that is not held: it is not there, or may not be read.
    var descriptor: CInt
    var reading: Reading<String>
  }

  private struct CounterHold {
    var descriptor: CInt
    var bytes: [UInt8] = []
    var failure: HostFS.Failure?
  }

  private let files = HostFS()
  private var keys: [Key] = []
  private var tunables: Tunables
  private var readings = 0
  /// How many readings it takes until every key was read again.
  private let turns: Int
  private var nextMissing = 0
  private var counterHolds: [CounterHold]
  private var counters = Counters()
  /// Where the files have their numbers, nil for one that is not there; empty where that is not known.
  private var shapes: [CounterShape?] = []

  /// Reads the keys as ``HostFS/tunables(expected:)`` does, and holds those that have a value.
  ///
  /// - Parameters:
  ///   - expected: keys that pages describe; one that is not there is absent.
  ///   - turns: keys take turns: each is read again in one of so many readings.
  public init(expected: some Sequence<SysctlKey>, turns: Int = 1) {
    self.turns = max(1, turns)
    counterHolds = HostFS.counterSources.map { _ in CounterHold(descriptor: -1) }
    tunables = files.tunables(expected: expected)
    let most = Self.mostDescriptors
    for (key, reading) in tunables.values.sorted(by: { $0.key < $1.key }) {
      var held = Key(key: key, descriptor: -1, reading: reading)
      if case .known = reading, keys.count < most { held.descriptor = open(key).value ?? -1 }
      keys.append(held)
    }
  }

  deinit {
    for key in keys where key.descriptor >= 0 { close(key.descriptor) }
    for hold in counterHolds where hold.descriptor >= 0 { close(hold.descriptor) }
  }

  private static var mostDescriptors: Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return 0
    }
    return Int(clamping: limit.rlim_cur < Self.spare ? 0 : limit.rlim_cur - Self.spare)
  }

  // MARK: Tunables

  /// Every key as it is now, or was when its turn came.
  ///
  /// A key that has gone is absent or unreadable from then on. Keys that were not there are looked
  /// for one by one, so a module that is loaded shows after a while.
  public mutating func readTunables() -> Tunables {
    let turn = stride(from: readings % turns, to: keys.count, by: turns)
    for index in turn where keys[index].descriptor >= 0 {
      var reading = HostFS.text(of: keys[index].descriptor)
      if reading.value == nil {
        // It was taken away, and perhaps put back under the same name.
        close(keys[index].descriptor)
        keys[index].descriptor = -1
        reading = hold(index)
      }
      record(reading, index)
    }
    readings += 1
    if readings % max(Self.patience, turns) == 0 { lookForOneMissing() }
    return tunables
  }

  private mutating func lookForOneMissing() {
    for _ in keys.indices {
      nextMissing = (nextMissing + 1) % keys.count
      guard keys[nextMissing].descriptor < 0 else { continue }
      let reading = hold(nextMissing)
      // The first reason says more: that a module is not loaded.
      if reading.absence?.kind != keys[nextMissing].reading.absence?.kind {
        record(reading, nextMissing)
      }
      return
    }
  }

  private mutating func record(_ reading: Reading<String>, _ index: Int) {
    if case .known(let now) = reading, case .known(let before) = keys[index].reading, now == before
    {
      return
    }
    keys[index].reading = reading
    tunables.values[keys[index].key] = reading
  }

  /// Opens a key and reads it; it stays open when it can be read.
  private mutating func hold(_ index: Int) -> Reading<String> {
    open(keys[index].key).flatMap { descriptor in
      let reading = HostFS.text(of: descriptor)
      if reading.value != nil {
        keys[index].descriptor = descriptor
      } else {
        close(descriptor)
      }
      return reading
    }
  }

  private func open(_ key: SysctlKey) -> Reading<CInt> {
    HostFS.opened(
      String(key.lastComponent), at: files.path("proc/sys/\(key.path)"), in: AT_FDCWD)
  }

  // MARK: Counters

  /// Every counter as it is now; as ``HostFS/counters()`` reads them.
  public mutating func readCounters() -> Counters {
    var changed: [Int] = []
    var needsAll = false
    for index in counterHolds.indices {
      do {
        if try readAgain(index) { changed.append(index) }
        needsAll = needsAll || counterHolds[index].failure != nil
        counterHolds[index].failure = nil
      } catch {
        // One that is not there is read as it was: not at all.
        guard counterHolds[index].failure?.errno != error.errno else { continue }
        needsAll = true
        counterHolds[index].bytes = []
        counterHolds[index].failure = error
      }
    }
    guard needsAll || !changed.isEmpty else { return counters }
    if !needsAll, let table = renumbered(changed) {
      counters.table = table
    } else {
      readWhole()
    }
    return counters
  }

  /// The table with the numbers of some files as they are now; nil where more than numbers changed.
  private mutating func renumbered(_ changed: [Int]) -> CounterTable? {
    guard !shapes.isEmpty else { return nil }
    var table = counters.table
    for index in changed {
      guard let numbers = shapes[index]?.numbers(in: counterHolds[index].bytes) else { return nil }
      let place = shapes[..<index].reduce(0) { $0 + ($1?.count ?? 0) }
      table.replaceNumbers(from: place, with: numbers)
    }
    return table
  }

  /// Reads every word of the files, and takes down where their numbers are.
  private mutating func readWhole() {
    var index = -1
    counters = files.counters(after: counters) { _ throws(HostFS.Failure) in
      index += 1
      if let failure = counterHolds[index].failure { throw failure }
      return counterHolds[index].bytes
    }
    shapes = zip(counterHolds, HostFS.counterSources).map { hold, source in
      hold.failure == nil ? CounterShape(hold.bytes, source.layout) : nil
    }
    // Two numbers for one name, in whatever files, have one place.
    let count = shapes.reduce(0) { $0 + ($1?.count ?? 0) }
    if count != counters.table.count { shapes = [] }
  }

  private func path(of source: HostFS.CounterSource) -> String {
    files.path("\(files.namespaceFolder)/\(source.file)")
  }

  /// Reads a file of counters; returns whether it is not as it was.
  private mutating func readAgain(_ index: Int) throws(HostFS.Failure) -> Bool {
    if counterHolds[index].descriptor < 0 {
      let path = path(of: HostFS.counterSources[index])
      let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw HostFS.Failure(path: path, errno: errno) }
      counterHolds[index].descriptor = descriptor
    }
    if let hasChanged = readAtOnce(index) { return hasChanged }
    do throws(Descriptor.ReadFailure) {
      counterHolds[index].bytes = try Descriptor.bytes(
        counterHolds[index].descriptor, again: true)
      return true
    } catch {
      close(counterHolds[index].descriptor)
      counterHolds[index].descriptor = -1
      throw HostFS.Failure(path: path(of: HostFS.counterSources[index]), errno: error.number)
    }
  }

  /// The same by one call; nil where it fails or does not bring the whole file.
  ///
  /// All of these files are made at once for each look (single_open_net, net/ipv4/proc.c), so a read
  /// that leaves room has brought everything.
  private mutating func readAtOnce(_ index: Int) -> Bool? {
    let capacity = Descriptor.chunk
    return unsafe withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer in
      let count = unsafe pread(
        counterHolds[index].descriptor, buffer.baseAddress, capacity, 0)
      guard count > 0, count < capacity else { return nil }
      let isSame = unsafe counterHolds[index].bytes.withUnsafeBytes { before in
        guard before.count == count, let first = before.baseAddress,
          let now = buffer.baseAddress
        else { return false }
        return unsafe memcmp(first, now, count) == 0
      }
      if isSame { return false }
      counterHolds[index].bytes = unsafe Array(buffer[..<count])
      return true
    }
  }
}
