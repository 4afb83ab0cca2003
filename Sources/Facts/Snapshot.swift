/// All facts read at one time, with what could not be read and why.
///
/// Everything after it is pure: a live host, a recorded tree and a saved file meet here.
public struct Snapshot: Equatable, Sendable {
  /// The machine and the namespace.
  public var host: Host
  /// Over which time rates are formed.
  public var window: Window
  /// The keys that were looked for, as text without the final newline.
  public var tunables: [SysctlKey: Reading<String>]
  /// Every number of /proc/net/snmp, netstat, sockstat and sockstat6.
  public var counters: CounterTable
  /// The counters at the beginning of the window, if there was one.
  public var countersBefore: CounterTable?
  /// All listening sockets.
  public var listeners: Reading<[Listener]>
  /// What a walk of the table of connections showed in all.
  public var walk: Reading<Listener.Attached>
  /// How many sockets stand in each state.
  public var states: Reading<StateCounts>
  /// What a dump of connections showed of all of them together.
  public var connections: Reading<ConnectionCounts>
  /// The remote addresses and ports to which connections go out, those with the most first.
  public var destinations: Reading<[Destination]>
  /// The lines of sysctl files for keys below net, without those of single interfaces, and what is
  /// wrong with the files.
  public var files: Reading<FilesReport>
  /// Programs that write sysctls of their own accord and were seen on the host.
  public var writers: [SysctlWriter]
  /// What else could not be read, to be said once at the end of a report.
  public var gaps: [Gap]

  /// A snapshot of a host of which nothing more is known yet.
  public init(host: Host) {
    self.host = host
    window = .sinceBoot
    tunables = [:]
    counters = CounterTable()
    listeners = .notGathered("no listeners were recorded")
    walk = .notGathered("no walk was made")
    states = .notGathered("--states counts them")
    connections = .notGathered("--connections looks at them")
    destinations = .notGathered("--connections looks at them")
    files = .notGathered("no sysctl files were recorded")
    writers = []
    gaps = []
  }

  /// The text of a key, or why there is none.
  public func text(of key: SysctlKey) -> Reading<String> {
    tunables[key] ?? .notGathered("not among the keys that are read")
  }

  /// The numbers of a key in the kernel's own unit, or why there are none.
  ///
  /// A number that does not fit 64 bits (6.19 to 7.1 print negative times so) is unreadable.
  public func numbers(of key: SysctlKey) -> Reading<[Int64]> {
    text(of: key).flatMap { text in
      guard let numbers = Self.numbers(in: text) else {
        return .unreadable("'\(text)' is not a list of 64-bit numbers")
      }
      return .known(numbers)
    }
  }

  /// The decimal numbers of a text, parted by blanks; nil when there is none or one is not a
  /// 64-bit number.
  public static func numbers(in text: String) -> [Int64]? {
    var numbers: [Int64] = []
    // The word at hand: its sign, and what its digits add up to below nought, where there is one
    // more number than above it.
    var isNegative = false
    var isWord = false
    var digits = 0
    var number: Int64 = 0
    func end() -> Bool {
      guard isWord else { return true }
      guard digits > 0, isNegative || number != .min else { return false }
      numbers.append(isNegative ? number : -number)
      (isNegative, isWord, digits, number) = (false, false, 0, 0)
      return true
    }
    for byte in text.utf8 {
      switch byte {
      case 0x20, 0x09, 0x0a:
        guard end() else { return nil }
      case UInt8(ascii: "-"), UInt8(ascii: "+"):
        guard !isWord else { return nil }
        isWord = true
        isNegative = byte == UInt8(ascii: "-")
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let (tens, tooMany) = number.multipliedReportingOverflow(by: 10)
        let (sum, tooLow) = tens.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
        guard !tooMany, !tooLow else { return nil }
        number = sum
        digits += 1
        isWord = true
      default: return nil
      }
    }
    return end() && !numbers.isEmpty ? numbers : nil
  }
}

/// The time between two readings of the counters.
public enum Window: Hashable, Sendable {
  /// One reading: rates are totals since boot.
  case sinceBoot
  /// Two readings, so many seconds apart.
  case interval(seconds: Fraction)

  /// The length in seconds, nil without a second reading.
  public var seconds: Fraction? {
    switch self {
    case .sinceBoot: nil
    case .interval(let seconds): seconds
    }
  }
}

/// Something that could not be read, or was odd, and did not stop the reader.
public struct Gap: Hashable, Sendable {
  /// What: a file, or a kind of thing.
  public var what: String
  /// Why, in words.
  public var reason: String

  /// Names what is missing and why.
  public init(_ what: String, _ reason: String) {
    self.what = what
    self.reason = reason
  }
}
