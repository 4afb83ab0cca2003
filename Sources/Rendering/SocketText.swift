import Facts

/// How many sockets stand where, as text.
struct SocketText {
  /// So many destinations are shown.
  private static let mostDestinations = 10

  let sockets: SocketCounts

  func write(to page: inout TextPage) {
    page.heading("Sockets")
    if case .known(let states) = sockets.states {
      write(states, &page)
    } else {
      summary(&page)
    }
    if case .known(let counts) = sockets.connections { write(counts, &page) }
    destinations(&page)
  }

  // MARK: States

  /// The counts that the kernel keeps, and what a walk added.
  private func summary(_ page: inout TextPage) {
    var table = Table([], [.left, .right, .left], flexible: 2, wraps: true)
    let add = { (table: inout Table, name: String, count: Reading<Int64>, words: String) in
      table.add([
        Table.Cell(name), Table.Cell(count.value.map(String.init) ?? "?", .strong),
        Table.Cell(words, .faint),
      ])
    }
    add(&table, "connected", sockets.establishedOrCloseWait, connected)
    if let walk = sockets.walk.value {
      add(&table, "half open", .known(walk.synRecv), "SYN_RECV")
    }
    add(
      &table, "opening or closing", sockets.openingOrClosing,
      "SYN_SENT, FIN_WAIT1, FIN_WAIT2, CLOSING, LAST_ACK")
    add(
      &table, "resting", sockets.timeWait,
      "TIME_WAIT, and FIN_WAIT2 that no program holds any more")
    page.table(table)
  }

  /// What of the connected sockets the peer has closed already, where a walk told.
  private var connected: String {
    guard let all = sockets.establishedOrCloseWait.value, let walk = sockets.walk.value else {
      return "ESTABLISHED and CLOSE_WAIT"
    }
    // The walk is made a moment later.
    let closeWait = min(all, walk.closeWaitUnaccepted + walk.closeWaitHeld)
    return "ESTABLISHED \(all - closeWait), CLOSE_WAIT \(closeWait)"
  }

  /// All eleven, with who is in each.
  private func write(_ states: StateCounts, _ page: inout TextPage) {
    var table = Table([], [.left, .right, .left], flexible: 2, wraps: true)
    for state in TCPState.inOrderOfLife {
      let count = states[state]
      table.add([
        Table.Cell(state.name), Table.Cell(count.value.map(String.init) ?? "-", .strong),
        Table.Cell(count.absence?.reason ?? Self.meaning(of: state), .faint),
      ])
    }
    page.table(table)
  }

  private static func meaning(of state: TCPState) -> String {
    switch state {
    case .listen: "waits for connections"
    case .synSent: "has called connect(); no answer yet"
    case .synRecv: "has answered a SYN; the last ACK is not here yet"
    case .established: "connected, both ways"
    case .finWait1: "has closed; the peer has not acknowledged that"
    case .finWait2: "has closed; the peer has not"
    case .closing: "both have closed at once; the peer's ACK is not here yet"
    case .timeWait: "has closed first; keeps late segments away from the next connection"
    case .closeWait: "the peer has closed; this program has not"
    case .lastAck: "has closed after the peer; the last ACK is not here yet"
    case .close: "no connection"
    }
  }

  // MARK: Connections

  private func write(_ counts: ConnectionCounts, _ page: inout TextPage) {
    page.heading("Connections: \(counts.established) in ESTABLISHED")
    var table = Table([], [.left, .right, .left], flexible: 2, wraps: true)
    let rows: [(String, Reading<Int64>, String)] = [
      ("nothing read, though bytes wait", counts.unread, "the program does not read"),
      (
        "nothing acknowledged, sent again", counts.unacknowledged,
        "the peer, or the way to it, does not answer"
      ),
      (
        "SYN sent again", .known(counts.synSentRetrying),
        "lost on the way, or a full queue at the other end"
      ),
      ("keepalive timer runs", .known(counts.keepalive), "idle, and the program asked for it"),
      ("no timer runs", .known(counts.timerless), "idle; a peer that is gone is not noticed"),
    ]
    for (name, count, words) in rows {
      table.add([
        Table.Cell(name), Table.Cell(count.value.map(String.init) ?? "?", .strong),
        Table.Cell(count.absence?.reason ?? words, .faint),
      ])
    }
    page.table(table)
  }

  // MARK: Destinations

  private func destinations(_ page: inout TextPage) {
    guard case .known(let all) = sockets.destinations, !all.isEmpty else { return }
    let shown = all.prefix(Self.mostDestinations)
    let ports = sockets.portsPerDestination.value?.amount.whole
    page.heading(
      "Destinations of outgoing connections"
        + (all.count > shown.count ? ": the \(shown.count) with the most ports" : ""))
    var table = Table(
      ["destination", "ports" + (ports.map { " of \($0)" } ?? ""), "used", "TIME_WAIT"],
      [.left, .right, .right, .right], flexible: 0)
    for destination in shown {
      let share = ports.flatMap { $0 > 0 ? destination.localPorts * 100 / $0 : nil }
      table.add([
        Table.Cell(destination.name.printable), Table.Cell("\(destination.localPorts)", .strong),
        Table.Cell(share.map { "\($0)%" } ?? "?"), Table.Cell("\(destination.timeWait)"),
      ])
    }
    page.table(table)
  }
}
