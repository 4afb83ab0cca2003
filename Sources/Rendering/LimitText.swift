public import Facts

/// Effective limits as text.
public enum LimitText {
  /// `limits`: each limit with its formula and inputs, and the queues of a given backlog.
  ///
  /// - Parameters:
  ///   - limits: what the tunables add up to.
  ///   - host: the line about whose tunables they are.
  ///   - queue: the queues of `--backlog N`, nil without one.
  ///   - style: where the text goes.
  /// - Returns: the text.
  public static func render(
    _ limits: [EffectiveLimit], host: String, queue: BacklogQueues?, style: TextStyle
  ) -> String {
    var page = TextPage(style)
    page.wrapped(host, rest: 2)
    if let queue { write(queue, &page) }
    for group in EffectiveLimit.Group.allCases {
      let members = limits.filter { $0.group == group }
      guard !members.isEmpty else { continue }
      page.heading(group.rawValue)
      for (index, limit) in members.enumerated() {
        if index > 0 { page.line() }
        write(limit, indent: 2, &page)
      }
    }
    return page.text
  }

  private static func write(_ queue: BacklogQueues, _ page: inout TextPage) {
    page.heading("listen() with backlog \(queue.backlog)")
    switch queue.acceptQueue {
    case .missing(let absence): page.line("  accept queue: \(absence)")
    case .known(let accept):
      page.wrapped(
        "limit \(accept.limit) = min(backlog, net.core.somaxconn),"
          + " \(accept.capacity) fit, bound by \(accept.binding.rawValue)",
        first: "  accept queue: ", rest: 4)
      if let rule = queue.whenFull.value { page.wrapped(rule.words, first: "    ", rest: 4) }
    }
    switch queue.synQueue {
    case .missing(let absence): page.line("  SYN queue: \(absence)")
    case .known(let syn):
      page.wrapped(
        "\(range(syn.capacity, syn.capacityMax)) fit = \(syn.formula),"
          + " bound by \(syn.binding.rawValue)",
        first: "  SYN queue:    ", rest: 4)
      if let note = syn.note { page.wrapped(note, first: "    ", rest: 4) }
    }
    if let fastOpen = queue.fastOpen.value {
      page.wrapped(fastOpen.words, first: "  Fast Open:    ", rest: 4)
    }
    members(queue, &page)
  }

  /// The sums of a group; a connection that one member has no room for does not go to another.
  private static func members(_ queue: BacklogQueues, _ page: inout TextPage) {
    guard queue.members > 1, let accept = queue.acceptQueue.value else { return }
    var words = "\(accept.capacity * queue.members) wait for accept()"
    if let syn = queue.synQueue.value {
      let most = syn.capacityMax.map { $0 * queue.members }
      words += ", \(range(syn.capacity * queue.members, most)) are half open"
    }
    page.wrapped(
      "\(words); each member has queues of its own, and a full one does not spill into the others",
      first: "  \(queue.members) members:    ", rest: 4)
  }

  private static func range(_ low: Int64, _ high: Int64?) -> String {
    high.map { "\(low) or \($0)" } ?? "\(low)"
  }

  /// One limit: value, formula, inputs, note.
  static func write(_ limit: EffectiveLimit, indent: Int = 0, _ page: inout TextPage) {
    let margin = String(repeating: " ", count: indent)
    let value = self.value(limit)
    let span = limit.value.value.flatMap { quantity in
      quantity.dimension == .seconds ? Units.span(quantity.amount) : nil
    }
    page.wrapped(
      page.style.paint(value, .strong) + (span.map { " (\($0))" } ?? reason(limit)),
      first: "\(margin)\(limit.title) ", rest: indent + 4)
    page.wrapped(limit.formula, first: "\(margin)  = ", rest: indent + 4)
    for input in limit.inputs {
      page.wrapped(
        "\(input.name) = \(self.input(input))", first: "\(margin)    ", rest: indent + 6)
    }
    if let note = limit.note {
      page.wrapped(note, first: "\(margin)  ", rest: indent + 2)
    }
  }

  /// Why it never ends, behind the word.
  private static func reason(_ limit: EffectiveLimit) -> String {
    guard let absence = limit.value.absence, absence.kind == .never else { return "" }
    return ": \(absence.reason)"
  }

  /// The result in words.
  static func value(_ limit: EffectiveLimit) -> String {
    switch limit.value {
    case .known(let quantity):
      limit.valueMax.map {
        "\(Units.text(quantity)) \(limit.isRange ? "to" : "or") \(Units.text($0))"
      } ?? Units.text(quantity)
    case .missing(let absence) where absence.kind == .never: "never"
    case .missing(let absence):
      absence.kind == .notGathered ? absence.reason : "\(absence)".printable
    }
  }

  /// The inputs in one line: `tcp_syn_retries 6, tcp_syn_linear_timeouts 4`.
  static func inputs(_ limit: EffectiveLimit) -> String {
    limit.inputs.filter { $0.value.absence?.kind != .absent }.map { input in
      let dot = input.name.utf8.lastIndex(of: UInt8(ascii: "."))
      let name = dot.map { input.name[input.name.utf8.index(after: $0)...] } ?? input.name[...]
      return "\(name) \(self.input(input))"
    }.joined(separator: ", ")
  }

  private static func input(_ input: EffectiveLimit.Input) -> String {
    switch input.value {
    case .known(let value): Units.text(value)
    case .missing(let absence): "\(absence)".printable
    }
  }
}

extension FastOpenQueue {
  /// How many fit and where the number comes from.
  fileprivate var words: String {
    switch source {
    case .off: "none, for tcp_fastopen lacks the server's bit, 2"
    case .backlog:
      "\(capacity) fit = min(backlog, net.core.somaxconn), by bit 0x400 of tcp_fastopen"
    case .program:
      "what the program asks by TCP_FASTOPEN, at most \(capacity) = net.core.somaxconn; so many fit,"
        + " not one more"
    }
  }
}

/// `queues` as text.
public enum QueuesText {
  /// One row for each listener.
  public static func render(
    _ listeners: Reading<[ListenerQueues]>, style: TextStyle
  ) -> String {
    var page = TextPage(style)
    switch listeners {
    case .missing(let absence): page.line("listeners: \(absence)".printable)
    case .known(let all) where all.isEmpty: page.line("no listeners")
    case .known(let all):
      ListenerTable.write(all, detailed: true, &page)
      for gap in HostText.ownerGaps(listeners) {
        page.wrapped("\(gap.what): \(gap.reason)".printable, first: "  ", rest: 4)
      }
    }
    return page.text
  }
}
