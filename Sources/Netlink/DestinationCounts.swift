import Facts

/// Counts the local ports in use towards each remote address and port, in bounded memory.
///
/// A proxy has a few destinations, a crawler a million. So many are counted exactly; where there are
/// more, all counts are lowered together and the smallest make room (Misra and Gries): no count is
/// low by more than ``shortfall``, and a destination that uses up its ports is never lost.
struct DestinationCounts: Sendable {
  private static let most = 4096
  /// So many are handed on.
  private static let mostShown = 1000

  /// One side of a socket's way out: for each local address the remote one has all ports anew.
  private struct Route: Hashable {
    var local: RawAddress
    var peer: RawAddress
    var port: UInt16
  }

  private struct Count {
    var ports: Int64 = 0
    var timeWait: Int64 = 0
  }

  private var counts: [Route: Count] = [:]
  /// By how much a count may be too low.
  private(set) var shortfall: Int64 = 0

  mutating func count(_ message: InetDiagMessage) {
    let route = Route(
      local: message.localAddress.withoutMapping, peer: message.peerAddress.withoutMapping,
      port: message.peerPort)
    if counts.count >= Self.most, counts[route] == nil { return makeRoom() }
    let isTimeWait = message.state == TCPState.timeWait.rawValue
    counts[route, default: Count()].ports += 1
    counts[route]?.timeWait += isTimeWait ? 1 : 0
  }

  private mutating func makeRoom() {
    shortfall += 1
    counts = counts.compactMapValues { count in
      guard count.ports > 1 else { return nil }
      return Count(ports: count.ports - 1, timeWait: min(count.timeWait, count.ports - 1))
    }
  }

  /// The destinations, those with the most ports first.
  var destinations: [Destination] {
    struct End: Hashable {
      var address: RawAddress
      var port: UInt16
    }
    var ends: [End: Count] = [:]
    for (route, count) in counts {
      let end = End(address: route.peer, port: route.port)
      if count.ports > ends[end]?.ports ?? 0 { ends[end] = count }
    }
    let ordered = ends.map { end, count in
      Destination(
        address: AddressText.text(end.address), port: Int64(end.port), localPorts: count.ports,
        timeWait: count.timeWait)
    }.sorted { a, b in
      a.localPorts != b.localPorts
        ? a.localPorts > b.localPorts : (a.address, a.port) < (b.address, b.port)
    }
    return Array(ordered.prefix(Self.mostShown))
  }
}
