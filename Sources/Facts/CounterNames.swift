/// Names one behind the other, found by a hash of their bytes.
struct CounterNames: Sendable {
  private var bytes: [UInt8] = []
  /// Where each name ends.
  private var ends: [Int] = []
  /// The place of the name whose hash leads to a slot, -1 where there is none; always some are free.
  private var slots: [Int32]

  /// No name; tables begin with it, and most get the names of another at once.
  static let none = CounterNames()

  /// No name, and room for some.
  init(capacity: Int = 0) {
    var slotCount = 64
    while slotCount < 2 * capacity { slotCount *= 2 }
    slots = [Int32](repeating: -1, count: slotCount)
    ends.reserveCapacity(capacity)
    bytes.reserveCapacity(32 * capacity)
  }

  var count: Int { ends.count }

  private func range(_ place: Int) -> Range<Int> {
    (place == 0 ? 0 : ends[place - 1])..<ends[place]
  }

  /// The name at a place.
  func text(at place: Int) -> String { String(decoding: bytes[range(place)], as: UTF8.self) }

  /// Whether there is a name at the place, and it is this one.
  func isName(_ name: some Collection<UInt8>, at place: Int) -> Bool {
    guard place < count else { return false }
    let range = range(place)
    guard range.count == name.count else { return false }
    // Names that are in one piece, as nearly all are, need no check of each byte's place.
    let isSame = name.withContiguousStorageIfAvailable { name in
      unsafe bytes.withUnsafeBufferPointer { bytes in
        var index = 0
        while index < name.count {
          if unsafe name[index] != bytes[range.lowerBound + index] { return false }
          index += 1
        }
        return true
      }
    }
    return isSame ?? bytes[range].elementsEqual(name)
  }

  /// The place of a name, nil where it is not among these.
  func place(of name: String) -> Int? {
    // Names of the program are in one piece: they need no copy.
    unsafe name.utf8.withContiguousStorageIfAvailable { unsafe place(of: $0) }
      ?? place(of: Array(name.utf8))
  }

  /// The same for its bytes.
  func place(of name: some Collection<UInt8>) -> Int? {
    var slot = firstSlot(name)
    while slots[slot] >= 0 {
      let place = Int(slots[slot])
      if isName(name, at: place) { return place }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Adds a name that is not among these.
  mutating func append(_ name: some Collection<UInt8>) {
    bytes.append(contentsOf: name)
    ends.append(bytes.count)
    if 2 * count > slots.count {
      slots = [Int32](repeating: -1, count: 2 * slots.count)
      for place in 0..<count { fill(bytes[range(place)], place) }
    } else {
      fill(name, count - 1)
    }
  }

  private mutating func fill(_ name: some Collection<UInt8>, _ place: Int) {
    var slot = firstSlot(name)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Int32(place)
  }

  /// Where the search for a name begins.
  private func firstSlot(_ name: some Collection<UInt8>) -> Int {
    // FNV-1a: names are short, and nobody gains by making them collide.
    var hash: UInt32 = 2_166_136_261
    for byte in name { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return Int(hash ^ hash >> 16) & (slots.count - 1)
  }

  /// The first so many names.
  func prefix(_ length: Int) -> CounterNames {
    if length == count { return self }
    var names = CounterNames()
    for place in 0..<length { names.append(bytes[range(place)]) }
    return names
  }
}

extension CounterNames: Equatable {
  /// Whether the same names stand in the same order.
  static func == (a: Self, b: Self) -> Bool { a.ends == b.ends && a.bytes == b.bytes }
}
