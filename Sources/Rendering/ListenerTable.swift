import Facts

/// Listeners as rows.
enum ListenerTable {
  /// Who answers for each listener, by its name.
  static func services(_ all: [ListenerQueues]) -> [String: String] {
    Dictionary(all.map { ($0.listener.name, program($0.listener)) }) { first, _ in first }
      .filter { $0.value != "-" }
  }

  /// The unit or container, and the process where it has another name.
  static func program(_ listener: Listener) -> String {
    let unit = listener.unit.value
    let process = listener.owner.value.map { owner in
      let others = (owner.holders.value ?? 1) - 1
      return "\(owner.name.value ?? "?")(\(owner.pid))" + (others > 0 ? "+\(others)" : "")
    }
    let known = [unit, process].compactMap { $0 }
    return known.isEmpty ? "-" : known.joined(separator: " ").printable
  }

  /// One row for each listener; a peak is shown where a window was watched.
  ///
  /// - Parameters:
  ///   - all: the listeners, in the order of the rows.
  ///   - detailed: whether to name unit and process both, with the process's number.
  ///   - page: where the rows go.
  static func write(_ all: [ListenerQueues], detailed: Bool, _ page: inout TextPage) {
    let isSampled = all.contains { $0.listener.sampling != nil }
    let peak = isSampled ? ["peak"] : []
    var table = Table(
      ["listener", "program", "queue/limit"] + peak + ["SYNs/fit", "drops", "bound by"],
      [.left, .left, .right] + peak.map { _ in .right } + [.right, .right, .left], flexible: 1)
    for row in ListenerRow.rows(of: all) {
      table.add(cells(row, detailed: detailed, isSampled: isSampled))
      guard detailed, row.isGroup else { continue }
      for (number, queues) in row.members.enumerated() {
        var cells = cells(
          ListenerRow.single(queues), detailed: detailed, isSampled: isSampled)
        cells[0] = Table.Cell("  \(number + 1) of \(row.members.count)", .faint)
        table.add(cells)
      }
    }
    page.table(table)
    legend(all, &page)
    if all.contains(where: { $0.groupSize > 1 }) {
      page.wrapped(
        "xN: listeners that share an address by SO_REUSEPORT, in sum; each has queues of its own",
        first: "  ", rest: 4)
    }
  }

  private static func cells(
    _ row: ListenerRow, detailed: Bool, isSampled: Bool
  ) -> [Table.Cell] {
    let isFull: TextStyle.Role? = row.full > 0 ? .error : nil
    let listener = row.first.listener
    var cells = [
      Table.Cell(row.name), Table.Cell(detailed ? program(listener) : service(listener)),
      Table.Cell(row.queue, isSampled ? nil : isFull),
    ]
    if isSampled { cells.append(Table.Cell("\(row.peak)", isFull)) }
    return cells + [
      Table.Cell(row.synQueue), Table.Cell(row.drops), Table.Cell(binding(row.first)),
    ]
  }

  private static func legend(_ all: [ListenerQueues], _ page: inout TextPage) {
    if all.contains(where: { $0.acceptQueue.binding == .none && !$0.acceptQueue.certain }) {
      page.wrapped("? the cap could not be read", first: "  ", rest: 4)
    } else if all.contains(where: { !$0.acceptQueue.certain }) {
      page.wrapped(
        "? the limit equals what the cap is or was by default: the program may ask for more, and"
          + " would get what the cap is when it calls listen() again", first: "  ", rest: 4)
    }
    if let note = all.compactMap({ $0.synQueue.value?.note }).first {
      page.wrapped("SYNs fit: \(note)", first: "  ", rest: 4)
    }
  }

  static func service(_ listener: Listener) -> String {
    (listener.unit.value ?? listener.owner.value?.name.value ?? "-").printable
  }

  /// The term that sets the accept queue's limit, and that of the SYN queue where it is another.
  private static func binding(_ queues: ListenerQueues) -> String {
    let accept = queues.acceptQueue
    let isUnknown = accept.binding == .none && !accept.certain
    let text = isUnknown ? "?" : short(accept.binding) + (accept.certain ? "" : "?")
    guard let syn = queues.synQueue.value?.binding, syn != accept.binding else { return text }
    return "\(text), SYNs: \(short(syn))"
  }

  private static func short(_ binding: Binding) -> String {
    switch binding {
    case .backlog: "backlog"
    case .somaxconn: "somaxconn"
    case .maxSynBacklog: "tcp_max_syn_backlog"
    case .none: "none"
    }
  }
}
