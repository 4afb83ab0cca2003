public import Facts
import JSON

extension SnapshotFile {
  /// What is wrong with a saved snapshot: `line:column: expected X, found Y`.
  public struct Problem: Error, Equatable, Sendable {
    /// The line and column, counted from 1.
    public var place: String
    /// What was expected and what was found.
    public var message: String
  }

  /// Reads a document of this format or of a later minor version; members that we do not know are
  /// passed over.
  ///
  /// - Throws: ``Problem`` at the first place that is not as we wrote it.
  public static func snapshot(from bytes: [UInt8]) throws(Problem) -> Snapshot {
    do {
      return try snapshot(Fields(JSONNode(parsing: bytes), "the snapshot"))
    } catch {
      throw Problem(place: error.place(in: bytes), message: error.message)
    }
  }

  private static func snapshot(_ fields: Fields) throws(JSONProblem) -> Snapshot {
    let version = try fields.member("format_version")
    let text = try version.string()
    guard text.prefix(while: { $0 != "." }) == "1" else {
      throw version.problem("snapshot format 1.x, which this program reads")
    }
    var snapshot = Snapshot(host: try host(fields.member("host")))
    snapshot.window = try window(fields.member("window"))
    for tunable in try fields.member("tunables").items() {
      let name = try tunable.member("key")
      guard let key = SysctlKey(try name.string()) else { throw name.problem("a sysctl key") }
      snapshot.tunables[key] = try reading(tunable.member("value")) { (f) throws(JSONProblem) in
        try f.string()
      }
    }
    snapshot.counters = try counters(fields.member("counters"))
    if let before = try fields.optional("counters_before") {
      snapshot.countersBefore = try counters(before)
    }
    snapshot.listeners = try reading(fields.member("listeners")) { (f) throws(JSONProblem) in
      var listeners: [Listener] = []
      for item in try f.items() { listeners.append(try listener(item)) }
      return listeners
    }
    snapshot.walk = try attached(fields.member("walk"))
    try readConnections(fields, into: &snapshot)
    if let files = try fields.optional("files") {
      snapshot.files = try reading(files) { (f) throws(JSONProblem) in try report(f) }
    }
    for item in try fields.optional("writers")?.items() ?? [] {
      snapshot.writers.append(try writer(item))
    }
    for gap in try fields.optional("gaps")?.items() ?? [] {
      snapshot.gaps.append(
        Gap(try gap.member("what").string(), try gap.member("reason").string()))
    }
    return snapshot
  }

  private static func host(_ fields: Fields) throws(JSONProblem) -> Host {
    var host = Host(unread: Absence(.notGathered, "not in the snapshot"))
    host.name = try string(fields.member("name"))
    host.release = try release(fields)
    host.memory = try integer(fields.member("memory_bytes"), 0...Int64.max)
    host.cpus = try integer(fields.member("cpus"), 1...1 << 20)
    host.uptime = try reading(fields.member("uptime_seconds")) { (f) throws(JSONProblem) in
      let seconds = try f.fraction()
      guard seconds >= Fraction(0) else { throw f.problem("a time of 0 or more") }
      return seconds
    }
    host.pageSize = try fields.member("page_size").integer(in: 1...1 << 30)
    host.ehash = try integer(fields.member("ehash"), 0...Int64.max)
    host.initialNamespace = try reading(fields.member("initial_namespace")) {
      (f) throws(JSONProblem) in try f.boolean()
    }
    host.bootID = try string(fields.member("boot_id"))
    if let namespace = try fields.optional("network_namespace") {
      host.namespace = try string(namespace)
    }
    return host
  }

  /// What `uname -r` printed, with the stable number where that hides it.
  private static func release(_ fields: Fields) throws(JSONProblem) -> Reading<KernelRelease> {
    let stable = try fields.optional("release")
    return try reading(fields.member("kernel")) { (f) throws(JSONProblem) in
      guard var release = KernelRelease(try f.string()) else { throw f.problem("a kernel release") }
      if let stable, let known = KernelRelease(try stable.string()) { release.patch = known.patch }
      return release
    }
  }

  private static func window(_ fields: Fields) throws(JSONProblem) -> Window {
    let kind = try fields.member("kind")
    switch try kind.string() {
    case "since-boot": return .sinceBoot
    case "interval":
      let field = try fields.member("seconds")
      let seconds = try field.fraction()
      guard seconds > Fraction(0) else { throw field.problem("a time above 0") }
      return .interval(seconds: seconds)
    default: throw kind.problem("\"since-boot\" or \"interval\"")
    }
  }

  private static func counters(_ fields: Fields) throws(JSONProblem) -> CounterTable {
    var table = CounterTable()
    for (name, field) in try fields.member("values").members() {
      table[name] = try field.integer(in: Int64.min...Int64.max)
    }
    for (name, field) in try fields.member("missing").members() {
      guard let absence = try absence(field) else { throw field.problem("why it is missing") }
      table.missing[name] = absence
    }
    return table
  }

  private static func listener(_ fields: Fields) throws(JSONProblem) -> Listener {
    let queue = 0...Int64(UInt32.max)
    let familyField = try fields.member("family")
    guard let family = Listener.Family(rawValue: try familyField.string()) else {
      throw familyField.problem("\"ipv4\" or \"ipv6\"")
    }
    var listener = Listener(
      address: try fields.member("address").string(),
      port: try fields.member("port").integer(in: 0...65535), family: family,
      length: try fields.member("length").integer(in: queue),
      limit: try fields.member("limit").integer(in: queue),
      drops: try integer(fields.member("drops"), queue),
      cookie: try fields.member("cookie").unsigned(),
      inode: UInt32(try fields.member("inode").integer(in: queue)),
      uid: UInt32(try fields.member("uid").integer(in: queue)),
      cgroup: try reading(fields.member("cgroup_id")) { (f) throws(JSONProblem) in
        try f.unsigned()
      })
    listener.unit = try string(fields.member("unit"))
    listener.owner = try reading(fields.member("owner")) { (f) throws(JSONProblem) in
      var owner = Listener.Owner(
        pid: Int32(try f.member("pid").integer(in: 1...Int64(Int32.max))),
        name: try string(f.member("name")),
        nofile: try integer(f.member("nofile"), 0...Int64.max))
      if let holders = try f.optional("holders") { owner.holders = try integer(holders, count) }
      return owner
    }
    listener.attached = try attached(fields.member("attached"))
    if let sampling = try fields.optional("sampling") {
      listener.sampling = Listener.Sampling(
        peak: try sampling.member("peak").integer(in: queue),
        samples: try sampling.member("samples").integer(in: 0...Int64.max),
        fullSamples: try sampling.member("full_samples").integer(in: 0...Int64.max),
        dropsBefore: try integer(sampling.member("drops_before"), queue))
    }
    return listener
  }

  private static func attached(
    _ fields: Fields
  ) throws(JSONProblem) -> Reading<Listener.Attached> {
    try reading(fields) { (f) throws(JSONProblem) in
      Listener.Attached(
        synRecv: try f.member("syn_recv").integer(in: count),
        closeWaitUnaccepted: try f.member("close_wait_unaccepted").integer(in: count),
        closeWaitHeld: try f.member("close_wait_held").integer(in: count))
    }
  }

  // MARK: Connections

  /// What a dump of connections showed; documents of the first programs have none of it.
  private static func readConnections(
    _ fields: Fields, into snapshot: inout Snapshot
  ) throws(JSONProblem) {
    if let states = try fields.optional("states") {
      snapshot.states = try reading(states) { (f) throws(JSONProblem) in
        var counts: [TCPState: Int64] = [:]
        for state in TCPState.allCases {
          counts[state] = try f.optional(state.name)?.integer(in: count)
        }
        return StateCounts(counts)
      }
    }
    if let connections = try fields.optional("connections") {
      snapshot.connections = try reading(connections) { (f) throws(JSONProblem) in
        ConnectionCounts(
          established: try f.member("established").integer(in: count),
          unread: try integer(f.member("unread"), count),
          unacknowledged: try integer(f.member("unacknowledged"), count),
          synSentRetrying: try f.member("syn_sent_retrying").integer(in: count),
          keepalive: try f.member("keepalive").integer(in: count),
          timerless: try f.member("timerless").integer(in: count))
      }
    }
    if let destinations = try fields.optional("destinations") {
      snapshot.destinations = try reading(destinations) { (f) throws(JSONProblem) in
        var all: [Destination] = []
        for item in try f.items() {
          all.append(
            Destination(
              address: try item.member("address").string(),
              port: try item.member("port").integer(in: 0...65_535),
              localPorts: try item.member("local_ports").integer(in: count),
              timeWait: try item.member("time_wait").integer(in: count)))
        }
        return all
      }
    }
  }

  // MARK: Readings

  /// A count of sockets.
  private static let count = 0...Int64(UInt32.max)

  static func string(_ fields: Fields) throws(JSONProblem) -> Reading<String> {
    try reading(fields) { (f) throws(JSONProblem) in try f.string() }
  }

  private static func integer(
    _ fields: Fields, _ range: ClosedRange<Int64>
  ) throws(JSONProblem) -> Reading<Int64> {
    try reading(fields) { (f) throws(JSONProblem) in try f.integer(in: range) }
  }

  static func reading<Wrapped>(
    _ fields: Fields, _ value: (Fields) throws(JSONProblem) -> Wrapped
  ) throws(JSONProblem) -> Reading<Wrapped> {
    if let absence = try absence(fields) { return .missing(absence) }
    return .known(try value(fields))
  }

  /// The absence that stands in the place of a value, nil where a value does.
  private static func absence(_ fields: Fields) throws(JSONProblem) -> Absence? {
    guard let missing = fields.memberIfObject("missing") else { return nil }
    let text = try missing.string()
    guard let kind = Absence.Kind.allCases.first(where: { $0.rawValue == text }) else {
      let known = Absence.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw missing.problem("one of \(known)")
    }
    return Absence(kind, try fields.member("reason").string())
  }
}

/// A node with its name, for messages.
struct Fields {
  let node: JSONNode
  let name: String

  init(_ node: JSONNode, _ name: String) {
    self.node = node
    self.name = name
  }

  func problem(_ expected: String) -> JSONProblem {
    JSONProblem(at: node.offset, "expected \(expected) for \(name), found \(node.words)")
  }

  func members() throws(JSONProblem) -> [(String, Fields)] {
    guard case .object(let members) = node.content else { throw problem("an object") }
    return members.map { ($0, Fields($1, "'\($0)'")) }
  }

  func member(_ name: String) throws(JSONProblem) -> Fields {
    guard case .object(let members) = node.content else { throw problem("an object") }
    guard let member = members[name] else {
      throw JSONProblem(at: node.offset, "expected '\(name)' in \(self.name), found none")
    }
    return Fields(member, "'\(name)'")
  }

  func optional(_ name: String) throws(JSONProblem) -> Fields? {
    guard case .object(let members) = node.content else { throw problem("an object") }
    return members[name].map { Fields($0, "'\(name)'") }
  }

  func memberIfObject(_ name: String) -> Fields? {
    guard case .object(let members) = node.content else { return nil }
    return members[name].map { Fields($0, "'\(name)'") }
  }

  func items() throws(JSONProblem) -> [Fields] {
    guard case .array(let items) = node.content else { throw problem("an array") }
    return items.map { Fields($0, "an item of \(name)") }
  }

  func string() throws(JSONProblem) -> String {
    guard case .string(let text) = node.content else { throw problem("a string") }
    return text
  }

  func boolean() throws(JSONProblem) -> Bool {
    guard case .boolean(let value) = node.content else { throw problem("true or false") }
    return value
  }

  func integer(in range: ClosedRange<Int64>) throws(JSONProblem) -> Int64 {
    guard case .number(let text) = node.content, let number = Int64(text), range.contains(number)
    else {
      throw problem("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func unsigned() throws(JSONProblem) -> UInt64 {
    guard case .string(let text) = node.content, let number = UInt64(text) else {
      throw problem("a whole number in quotes")
    }
    return number
  }

  func fraction() throws(JSONProblem) -> Fraction {
    guard case .number(let text) = node.content, let fraction = Fraction(decimal: text) else {
      throw problem("a decimal number")
    }
    return fraction
  }
}
