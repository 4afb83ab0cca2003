import Facts

/// Half-open and half-closed connections by local address and port.
struct QueueCounts: Equatable, Sendable {
  private let ports: Set<UInt16>?
  private var places: [Place: Listener.Attached] = [:]
  /// All sockets together.
  private(set) var total = Listener.Attached()

  /// Counts at these ports, nil for every port.
  init(ports: Set<UInt16>?) {
    self.ports = ports
  }

  /// Counts a socket; one without an inode belongs to no program yet.
  mutating func count(_ message: InetDiagMessage) {
    var one = Listener.Attached()
    switch TCPState(rawValue: message.state) {
    case .synRecv: one.synRecv = 1
    case .closeWait where message.inode == 0: one.closeWaitUnaccepted = 1
    case .closeWait: one.closeWaitHeld = 1
    default: return
    }
    total += one
    if ports?.contains(message.localPort) == false { return }
    places[Place(message), default: Listener.Attached()] += one
  }

  /// What stands at each listener's address, in the order of the listeners.
  ///
  /// Members of a SO_REUSEPORT group share an address and cannot be told apart: each has the sum. It
  /// is not known what belongs to a listener that is bound to an interface while sockets at its
  /// address carry none or another: it was bound when they were there already, or the interface was
  /// renamed, or it is a VRF's, whose link-local clients carry the member by which they came.
  func attached(to listeners: [Listener]) -> [Reading<Listener.Attached>] {
    guard !places.isEmpty else {
      return listeners.map { _ in .known(Listener.Attached()) }
    }
    let doors = Doors(of: listeners)
    var interfaces: [UInt32: String] = [:]
    var counts = [Listener.Attached](repeating: Listener.Attached(), count: listeners.count)
    var uncertain: Set<Int> = []
    for (place, attached) in places {
      var addresses = place.addresses
      if place.interface != 0 {
        let name = interfaces[place.interface] ?? AddressText.name(of: place.interface)
        interfaces[place.interface] = name
        addresses.bind(to: name, clientIsLinkLocal: place.hasLinkLocalPeer)
      }
      let members = doors.first(at: addresses.all, place.port)
      for index in members { counts[index] += attached }
      if members.isEmpty {
        uncertain.formUnion(doors.bound(at: place.addresses.all, place.port))
      }
    }
    return listeners.indices.map { index in
      if uncertain.contains(index) {
        .absent("sockets at its address do not carry the interface that it is bound to")
      } else {
        .known(counts[index])
      }
    }
  }
}

/// Where a socket stands, as far as that tells whose it is.
private struct Place: Hashable {
  var address: RawAddress
  var port: UInt16
  /// The interface that its listener is bound to.
  ///
  /// 0 where that is bound to none, with two exceptions: the sockets of link-local clients always
  /// carry one (tcp_v6_init_req in net/ipv6/tcp_ipv6.c), and net.ipv4.tcp_l3mdev_accept gives those
  /// that come through a VRF its own.
  var interface: UInt32
  /// Asked only of a socket with an interface.
  var hasLinkLocalPeer: Bool

  init(_ message: InetDiagMessage) {
    address = message.localAddress.withoutMapping
    port = message.localPort
    interface = message.interface
    hasLinkLocalPeer = interface != 0 && message.peerAddress.isLinkLocal
  }

  var addresses: ListeningAddresses {
    let own = AddressText.text(address)
    return address.isIPv6
      ? ListeningAddresses(own: [own], wildcard: ["::"])
      // A listener of IPv6 takes IPv4 clients too.
      : ListeningAddresses(own: [own, "::ffff:\(own)"], wildcard: ["0.0.0.0", "::"])
  }
}

/// Where the listener of a socket may stand, in the order in which the kernel looks: the socket's own
/// address before the wildcard, and among equals one that is bound to the interface.
private struct ListeningAddresses {
  var own: [String]
  var wildcard: [String]

  var all: [String] { own + wildcard }

  /// Puts those on an interface before the others.
  ///
  /// A client that is not link-local comes by way of a listener that is bound, whatever unbound one
  /// there may be.
  mutating func bind(to interface: String, clientIsLinkLocal: Bool) {
    let unbound = self
    own = own.map { AddressText.bound($0, to: interface) }
    wildcard = wildcard.map { AddressText.bound($0, to: interface) }
    if clientIsLinkLocal {
      own += unbound.own
      wildcard += unbound.wildcard
    } else {
      wildcard += unbound.all
    }
  }
}

/// Listeners by address and port.
private struct Doors {
  private struct Door: Hashable {
    var address: String
    var port: Int64
  }

  private var listeners: [Door: [Int]] = [:]
  /// Those that are bound to an interface, by their address without it.
  private var bound: [Door: [Int]] = [:]

  init(of all: [Listener]) {
    for (index, listener) in all.enumerated() {
      listeners[Door(address: listener.address, port: listener.port), default: []].append(index)
      if let address = AddressText.withoutInterface(listener.address) {
        bound[Door(address: address, port: listener.port), default: []].append(index)
      }
    }
  }

  /// The listeners at the first of these addresses that has one.
  func first(at addresses: [String], _ port: UInt16) -> [Int] {
    for address in addresses {
      if let members = listeners[Door(address: address, port: Int64(port))] { return members }
    }
    return []
  }

  /// The listeners that have one of these addresses on one interface.
  func bound(at addresses: [String], _ port: UInt16) -> [Int] {
    guard !bound.isEmpty else { return [] }
    return addresses.flatMap { bound[Door(address: $0, port: Int64(port))] ?? [] }
  }
}

extension Listener.Attached {
  fileprivate static func += (total: inout Self, more: Self) {
    total.synRecv += more.synRecv
    total.closeWaitUnaccepted += more.closeWaitUnaccepted
    total.closeWaitHeld += more.closeWaitHeld
  }
}
