public import Facts

/// What a walk of the table of connections counts, by local address and port.
public struct ConnectionWalk: Equatable, Sendable {
  private static let synRecvState: UInt8 = 3
  private static let closeWaitState: UInt8 = 8

  private struct Place: Hashable {
    var address: ArraySlice<UInt8>
    var port: UInt16
  }

  private var places: [Place: Listener.Attached] = [:]
  /// All sockets together.
  public private(set) var total = Listener.Attached()

  init() {}

  /// Counts a socket; one without an inode belongs to no program yet.
  mutating func count(_ message: InetDiagMessage) {
    var one = Listener.Attached()
    switch message.state {
    case Self.synRecvState: one.synRecv = 1
    case Self.closeWaitState where message.inode == 0: one.closeWaitUnaccepted = 1
    case Self.closeWaitState: one.closeWaitHeld = 1
    default: return
    }
    let place = Place(address: message.localAddress.withoutMapping, port: message.localPort)
    places[place, default: Listener.Attached()] += one
    total += one
  }

  /// What stands at each listener's address, in the order of the listeners.
  ///
  /// A socket belongs to the listener on its own address, else to the one on the wildcard address of
  /// its family, else to the one on `::`, which takes IPv4 clients too. Members of a SO_REUSEPORT
  /// group share an address and cannot be told apart.
  public func attached(to listeners: [Listener]) -> [Reading<Listener.Attached>] {
    var byName: [String: [Int]] = [:]
    for (index, listener) in listeners.enumerated() {
      byName[listener.name, default: []].append(index)
    }
    var counts = [Listener.Attached](repeating: Listener.Attached(), count: listeners.count)
    for (place, attached) in places {
      let isIPv6 = place.address.count == 16
      let own = AddressText.text(place.address, interface: 0)
      let names = [
        isIPv6 ? "[\(own)]" : own, isIPv6 ? "[::]" : "0.0.0.0", "[::]",
      ].map { "\($0):\(place.port)" }
      if let members = names.lazy.compactMap({ byName[$0] }).first {
        counts[members[0]] += attached
      }
    }
    return listeners.indices.map { index in
      byName[listeners[index].name]?.count == 1
        ? .known(counts[index])
        : .absent("members of a SO_REUSEPORT group cannot be told apart")
    }
  }
}

extension Listener.Attached {
  fileprivate static func += (total: inout Self, more: Self) {
    total.synRecv += more.synRecv
    total.closeWaitUnaccepted += more.closeWaitUnaccepted
    total.closeWaitHeld += more.closeWaitHeld
  }
}

extension ArraySlice<UInt8> {
  /// The four bytes of an IPv4 address that is written as an IPv6 one (`::ffff:192.0.2.1`).
  fileprivate var withoutMapping: ArraySlice<UInt8> {
    let prefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    return count == 16 && starts(with: prefix) ? suffix(4) : self
  }
}
