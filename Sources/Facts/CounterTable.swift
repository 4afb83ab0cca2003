/// Counters by name, with the files that could not be read.
///
/// The kernel has some 420, of which an audit asks for some thirty and a sample for those that moved:
/// their names stay the bytes of the files, and successive tables share them.
public struct CounterTable: Sendable {
  /// Why numbers are missing, by the counter's name or the beginning of several names (`TcpExt`,
  /// `sockstat.TCP`).
  public var missing: [String: Absence]
  private var names = CounterNames.none
  private var numbers: [Int64] = []

  /// A table with the given content.
  public init(values: [String: Int64] = [:], missing: [String: Absence] = [:]) {
    self.missing = missing
    guard !values.isEmpty else { return }
    for (name, number) in values { self[name] = number }
  }

  /// The numbers: `TcpExt.ListenDrops`, `sockstat.TCP.inuse`, `sockstat6.TCP6.inuse`.
  public var values: [String: Int64] {
    get {
      var values: [String: Int64] = [:]
      values.reserveCapacity(numbers.count)
      for (place, number) in numbers.enumerated() { values[names.text(at: place)] = number }
      return values
    }
    set {
      let reasons = missing
      self = CounterTable(values: newValue, missing: reasons)
    }
  }

  /// The number of that name.
  public subscript(name: String) -> Int64? {
    get { names.place(of: name).map { numbers[$0] } }
    set {
      if let place = names.place(of: name) {
        if let newValue {
          numbers[place] = newValue
        } else {
          var rest = values
          rest[name] = nil
          values = rest
        }
      } else if let newValue {
        names.append(name.utf8)
        numbers.append(newValue)
      }
    }
  }

  /// The number of that name, or why there is none.
  public func reading(_ name: String) -> Reading<Int64> {
    if let value = self[name] { return .known(value) }
    if !missing.isEmpty {
      var beginning = name[...]
      while !beginning.isEmpty {
        if let absence = missing[String(beginning)] { return .missing(absence) }
        guard let dot = beginning.utf8.lastIndex(of: UInt8(ascii: ".")) else { break }
        beginning = beginning[..<dot]
      }
    }
    return .absent("this kernel has no such counter")
  }

  /// The number of that name here and in an earlier table with the same names, found by one search; nil
  /// where there is none, or names are others.
  public func numbers(_ name: String, before: CounterTable) -> (before: Int64, now: Int64)? {
    guard names == before.names, let place = names.place(of: name) else { return nil }
    return (before.numbers[place], numbers[place])
  }

  /// How many counters there are.
  public var count: Int { numbers.count }

  /// Gives the counters from a place on other numbers; their names stay.
  public mutating func replaceNumbers(from place: Int, with new: [Int64]) {
    numbers.replaceSubrange(place..<place + new.count, with: new)
  }

  /// Calls `body` with each counter whose number is not the same as before; one that is new is none.
  public func forEachChange(
    since before: CounterTable, _ body: (_ name: String, _ old: Int64, _ now: Int64) -> Void
  ) {
    let isSame = names == before.names
    // Where nothing has moved the numbers are the same in memory.
    if isSame, numbers == before.numbers { return }
    for (place, now) in numbers.enumerated() {
      let old = isSame ? before.numbers[place] : before[names.text(at: place)]
      if let old, old != now { body(names.text(at: place), old, now) }
    }
  }
}

extension CounterTable: Equatable {
  /// Tables are equal when the same names have the same numbers, in whatever order.
  public static func == (a: Self, b: Self) -> Bool {
    guard a.missing == b.missing else { return false }
    return a.names == b.names ? a.numbers == b.numbers : a.values == b.values
  }
}

extension CounterTable {
  /// Fills a table counter by counter.
  public struct Builder {
    /// Those of an earlier reading, as long as they come in its order.
    private var expected: CounterNames?
    private var names: CounterNames
    private var numbers: [Int64] = []

    /// How many counters there are so far.
    public var count: Int { numbers.count }

    /// How many counters the releases of 2026 have, and some more.
    private static let usualCount = 512

    /// A builder whose table shares the names of an earlier one where they are the same.
    public init(after earlier: CounterTable = CounterTable()) {
      numbers.reserveCapacity(Self.usualCount)
      expected = earlier.numbers.isEmpty ? nil : earlier.names
      names = CounterNames(capacity: expected == nil ? Self.usualCount : 0)
    }

    /// Adds a counter; a second number for one name replaces the first.
    public mutating func add(_ name: [UInt8], _ number: Int64) {
      if let expected {
        if expected.isName(name, at: numbers.count) {
          numbers.append(number)
          return
        }
        names = expected.prefix(numbers.count)
        self.expected = nil
      }
      if let place = names.place(of: name) {
        numbers[place] = number
      } else {
        names.append(name)
        numbers.append(number)
      }
    }

    /// The table, when all is added.
    public func table(missing: [String: Absence]) -> CounterTable {
      var table = CounterTable(missing: missing)
      table.names = expected.map { $0.prefix(numbers.count) } ?? names
      table.numbers = numbers
      return table
    }
  }
}
