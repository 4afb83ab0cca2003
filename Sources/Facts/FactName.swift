/// The name of a fact, resolved: what a condition, an example and a piece of evidence speak of.
public enum FactName: Hashable, Sendable {
  /// The value of a sysctl key.
  case key(SysctlKey)
  /// One element of a vector key: `net.ipv4.tcp_rmem.max`.
  case element(SysctlKey, VectorElement)
  /// A counter of /proc/net/snmp or netstat: `TcpExt.ListenOverflows`.
  case counter(String)
  /// A fact about the machine.
  case host(HostFact)
  /// A count of sockets.
  case sockets(SocketsFact)
  /// A fact about the listener at hand.
  case listener(ListenerFact)
  /// A fact about the destination at hand.
  case destination(DestinationFact)
  /// A fact about all connections.
  case connections(ConnectionsFact)
  /// A fact about the sysctl file's line at hand.
  case entry(EntryFact)
  /// A fact about all sysctl files together.
  case files(FilesFact)
  /// A result of the kernel model.
  case limit(LimitID)

  /// The first names of counters that rules may use, with the file they come from.
  public static let counterFiles = [
    "Tcp": "/proc/net/snmp", "TcpExt": "/proc/net/netstat", "MPTcpExt": "/proc/net/netstat",
  ]

  /// The fact that `text` names, or nil when the schema has none of that name.
  public init?(_ text: String) {
    // By bytes: a program reads hundreds of these at its start.
    guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
    let first = text[..<dot]
    let rest = String(text[text.utf8.index(after: dot)...])
    switch first {
    case "net":
      guard let key = SysctlKey(text) else { return nil }
      let last = key.lastComponent
      if let element = VectorElement(rawValue: String(last)),
        let vector = SysctlKey(Substring(key.name.utf8.dropLast(last.utf8.count + 1)))
      {
        self = .element(vector, element)
      } else {
        self = .key(key)
      }
    case "host": self.init(rest, FactName.host)
    case "sockets": self.init(rest, FactName.sockets)
    case "listener": self.init(rest, FactName.listener)
    case "destination": self.init(rest, FactName.destination)
    case "connections": self.init(rest, FactName.connections)
    case "entry": self.init(rest, FactName.entry)
    case "files": self.init(rest, FactName.files)
    case "limits": self.init(rest, FactName.limit)
    default:
      guard Self.counterFiles[String(first)] != nil, !rest.isEmpty,
        !rest.utf8.contains(UInt8(ascii: "."))
      else {
        return nil
      }
      self = .counter(text)
    }
  }

  private init?<Group: FactGroup>(_ rest: String, _ make: (Group) -> FactName) {
    guard let fact = Group(rawValue: rest) else { return nil }
    self = make(fact)
  }

  /// Type, cost and source, except for keys: their type stands in the catalogue's pages.
  public var info: FactInfo? {
    switch self {
    case .key, .element: nil
    case .counter(let name):
      Self.counterFiles[String(name.prefix { $0 != "." })].map { .count(.cheap, $0) }
    case .host(let fact): fact.info
    case .sockets(let fact): fact.info
    case .listener(let fact): fact.info
    case .destination(let fact): fact.info
    case .connections(let fact): fact.info
    case .entry(let fact): fact.info
    case .files(let fact): fact.info
    case .limit(let fact): fact.info
    }
  }

  /// Where the fact is read, as evidence shows it.
  public var source: String {
    switch self {
    case .key(let key), .element(let key, _): "/proc/sys/\(key.path)"
    default: info?.source ?? ""
    }
  }

  /// The subject whose member must be at hand for the fact to have a value, nil for host facts.
  public var subject: Subject? {
    switch self {
    case .listener: .listener
    case .destination: .destination
    case .entry: .entry
    default: nil
    }
  }

  /// Every name of the closed groups, for suggestions.
  public static var allClosed: [FactName] {
    HostFact.allCases.map(FactName.host) + SocketsFact.allCases.map(FactName.sockets)
      + ListenerFact.allCases.map(FactName.listener)
      + DestinationFact.allCases.map(FactName.destination)
      + ConnectionsFact.allCases.map(FactName.connections)
      + EntryFact.allCases.map(FactName.entry) + FilesFact.allCases.map(FactName.files)
      + LimitID.allCases.map(FactName.limit)
  }
}

extension FactName: CustomStringConvertible {
  /// The spelling of conditions: `listener.peak`.
  public var description: String {
    switch self {
    case .key(let key): key.name
    case .element(let key, let element): "\(key.name).\(element.rawValue)"
    case .counter(let name): name
    case .host(let fact): spelled(fact)
    case .sockets(let fact): spelled(fact)
    case .listener(let fact): spelled(fact)
    case .destination(let fact): spelled(fact)
    case .connections(let fact): spelled(fact)
    case .entry(let fact): spelled(fact)
    case .files(let fact): spelled(fact)
    case .limit(let fact): spelled(fact)
    }
  }

  private func spelled<Group: FactGroup>(_ fact: Group) -> String {
    "\(Group.prefix).\(fact.rawValue)"
  }
}

/// The name of one number of a vector.
public enum VectorElement: String, Hashable, Sendable, CaseIterable {
  case min, `default`, max
  case low, pressure, high
  case first, last

  /// The vectors of the kernel by the names of their numbers.
  public static let layouts: [[VectorElement]] = [
    [.min, .default, .max], [.low, .pressure, .high], [.first, .last],
  ]
}

/// What a rule is about: one evaluation for each member.
public enum Subject: String, Hashable, Sendable, CaseIterable {
  case host, listener, destination, entry
}
