public import Facts

/// How a release decides that a listener keeps no further request.
enum SynQueueTest: Equatable {
  /// Up to 4.3: a table made at listen(), its size rounded up to a power of two.
  case table
  /// 4.4 to 6.12: full at as many requests as the accept queue's limit.
  case atLimit
  /// Since 6.13, and in later stable releases of older branches: one more fits.
  case aboveLimit
  /// The release's text leaves it open which of the last two it is.
  case open(reason: String)

  /// The first stable release of each branch that lets one more in ("tcp/dccp: allow a connection
  /// when sk_max_ack_backlog is zero"): from the branches' change logs; 5.10 is bracketed by
  /// measurement too (5.10.223 before, 5.10.251 after).
  private static let stableReleases: [(major: Int, minor: Int, patch: Int)] = [
    (5, 4, 290), (5, 10, 234), (5, 15, 177), (6, 1, 125), (6, 6, 72), (6, 12, 10),
  ]

  /// Ubuntu's own counts of builds that are known to have it.
  private static let ubuntuBuilds: [(prefix: String, build: Int)] = [
    ("5.15.0-", 203), ("6.8.0-", 149),
  ]

  /// The test of a release.
  init(_ release: KernelRelease) {
    if !release.isAtLeast(4, 4) {
      self = .table
      return
    }
    if release.isAtLeast(6, 13) {
      self = .aboveLimit
      return
    }
    let stable = Self.stableReleases.first {
      $0.major == release.major && $0.minor == release.minor
    }
    if let patch = release.patch {
      self = patch >= stable?.patch ?? .max ? .aboveLimit : .atLimit
      return
    }
    for known in Self.ubuntuBuilds where release.text.hasPrefix(known.prefix) {
      let build = release.text.dropFirst(known.prefix.utf8.count).prefix { $0.isNumber }
      if let build = Int(build), build >= known.build {
        self = .aboveLimit
        return
      }
    }
    if let stable {
      let name = "\(stable.major).\(stable.minor).\(stable.patch)"
      self = .open(
        reason: "'\(release.text)' does not say whether it is older than \(name),"
          + " from which one more fits; tcptune prove syn-queue on that host tells")
    } else if release.isVendorKernel {
      self = .open(
        reason: "'\(release.text)' is a distributor's kernel and may carry the change of 6.13,"
          + " from which one more fits; tcptune prove syn-queue on that host tells")
    } else {
      self = .atLimit
    }
  }
}

extension SynQueue {
  /// How many requests from unknown peers a listener keeps (kernel-facts 2.2; claim Q2.2 is the
  /// documents' simpler form).
  ///
  /// - Parameters:
  ///   - acceptQueue: the same listener's accept queue: its limit bounds this one too.
  ///   - maxSynBacklog: net.ipv4.tcp_max_syn_backlog; since 4.4 it counts only while cookies are
  ///     off.
  ///   - syncookies: net.ipv4.tcp_syncookies.
  ///   - release: decides which formula holds.
  public init(
    acceptQueue: AcceptQueue, maxSynBacklog: Int64, syncookies: Int64, release: KernelRelease
  ) {
    // Value 2 has its meaning since 3.14; before, any number but 0 is 1.
    if syncookies == 2, release.isAtLeast(3, 14) {
      self.init(
        capacity: 0, binding: .none, formula: "0",
        note: "with tcp_syncookies 2 every SYN is answered by a cookie and none is kept")
      return
    }
    let test = SynQueueTest(release)
    let room: Term
    switch test {
    case .table:
      room = Self.table(acceptQueue, maxSynBacklog: maxSynBacklog)
    case .atLimit:
      room = Term(acceptQueue.limit, acceptQueue.binding, Self.limitFormula)
    case .aboveLimit:
      room = Term(acceptQueue.limit + 1, acceptQueue.binding, Self.limitFormula + " + 1")
    case .open:
      room = Term(acceptQueue.limit, acceptQueue.binding, Self.limitFormula + " [+ 1]")
    }
    let quarter = syncookies == 0 ? Self.lastQuarter(maxSynBacklog: maxSynBacklog) : nil
    let formula = quarter.map { "min(\(room.formula), \($0.formula))" } ?? room.formula
    let lowest = Self.lower(room, quarter)
    var highest: Int64?
    var note: String?
    if case .open(let reason) = test {
      let other = Self.lower(Term(room.value + 1, room.binding, ""), quarter)
      if other.value != lowest.value {
        highest = other.value
        note = reason
      }
    }
    if lowest.value == 0, acceptQueue.limit == 0, syncookies == 0, test == .atLimit {
      note = "with backlog 0 and cookies off this release lets no connection in"
    }
    self.init(
      capacity: lowest.value, capacityMax: highest, binding: lowest.binding, formula: formula,
      note: note, isLastQuarter: quarter.map { $0.value < room.value } ?? false)
  }

  private struct Term {
    var value: Int64
    var binding: Binding
    var formula: String

    init(_ value: Int64, _ binding: Binding, _ formula: String) {
      self.value = value
      self.binding = binding
      self.formula = formula
    }
  }

  private static let limitFormula = "min(backlog, net.core.somaxconn)"

  /// The lower of the two; the first where they are equal.
  private static func lower(_ first: Term, _ second: Term?) -> Term {
    guard let second, second.value < first.value else { return first }
    return second
  }

  /// The last quarter of the table is kept for peers that have proven themselves, and one stands in
  /// the way of the test: `max - qlen < (max >> 2)` drops (net/ipv4/tcp_input.c).
  private static func lastQuarter(maxSynBacklog: Int64) -> Term {
    Term(
      max(0, maxSynBacklog - (maxSynBacklog >> 2) + 1), .maxSynBacklog,
      "tcp_max_syn_backlog - tcp_max_syn_backlog / 4 + 1")
  }

  /// The table of kernels up to 4.3 (reqsk_queue_alloc): at least 8, plus one, rounded up.
  private static func table(_ acceptQueue: AcceptQueue, maxSynBacklog: Int64) -> Term {
    let takesLimit = acceptQueue.limit <= maxSynBacklog
    let asked = min(acceptQueue.limit, maxSynBacklog)
    let entries = max(8, asked)
    var size: Int64 = 1
    while size < entries + 1 { size <<= 1 }
    let binding: Binding =
      asked < 8 ? .none : takesLimit ? acceptQueue.binding : .maxSynBacklog
    return Term(
      size, binding,
      "round-up-to-power-of-two(max(8, min(backlog, net.core.somaxconn, tcp_max_syn_backlog)) + 1)")
  }

  /// The documents' formula (Q2.2): the minimum of the three, nothing rounded and nothing kept back.
  public static func byTheDocuments(acceptLimit: Int64, maxSynBacklog: Int64) -> Int64 {
    min(acceptLimit, maxSynBacklog)
  }
}
