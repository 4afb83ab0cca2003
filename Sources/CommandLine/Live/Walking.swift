import Audit
import Catalogue
import Facts
import KernelModel
import Netlink

/// Decides what a walk of the table of connections is made for, and makes it: one at most, and one
/// more at the beginning of a window where connections are looked at.
struct Walking {
  let catalogue: Catalogue
  let effort: Effort
  private var bytesBefore: StandingBytes?

  init(catalogue: Catalogue, effort: Effort) {
    self.catalogue = catalogue
    self.effort = effort
  }

  /// Remembers whose bytes wait at the beginning of a window.
  mutating func begin(_ snapshot: inout Snapshot) {
    guard effort.connections else { return }
    var question = WalkQuestion()
    question.wantsConnections = true
    switch Self.walk(question, &snapshot.gaps) {
    case .known(let walk):
      bytesBefore = walk.standingBytes
      if walk.standingBytes.isCut {
        snapshot.gaps.append(
          Gap("connections", "bytes wait in more than can be remembered: counts are too low"))
      }
    case .missing(let absence):
      snapshot.gaps.append(Gap("connections", absence.reason))
    }
  }

  /// Adds to a snapshot what a walk tells, or why none was made.
  func finish(_ snapshot: inout Snapshot) {
    let plan = plan(snapshot)
    guard let question = plan.question else {
      return note(plan.walkRefusal ?? Self.notAsked, plan, in: &snapshot)
    }
    switch Self.walk(question, &snapshot.gaps) {
    case .missing(let absence): note(absence, plan, in: &snapshot)
    case .known(let walk): add(walk, plan, to: &snapshot)
    }
  }

  // MARK: Plan

  private static let notAsked = Absence(
    .notGathered, "no walk of the table of connections (--walk never)")

  /// What is walked for, and why not for what is left out.
  private struct Plan {
    /// Nil where no walk is made.
    var question: WalkQuestion?
    /// Why no walk is made for the queues of listeners.
    var walkRefusal: Absence?
    /// Why destinations are not gathered.
    var destinationRefusal: Absence?
  }

  private func plan(_ snapshot: Snapshot) -> Plan {
    var plan = Plan()
    let cost = WalkCost(snapshot)
    let isDemanded = effort.states || effort.connections
    switch effort.walk {
    case _ where isDemanded: break
    case .always: break
    case .never: plan.walkRefusal = Self.notAsked
    case .auto:
      plan.walkRefusal = cost.refusal(
        copying: false, walkIsPaid: false, remedy: "--walk always makes it")
    }
    plan.destinationRefusal = destinationRefusal(snapshot, cost, isDemanded: isDemanded)
    guard plan.walkRefusal == nil || plan.destinationRefusal == nil else { return plan }
    var question = WalkQuestion(listenerPorts: Self.ports(of: snapshot.listeners.value ?? []))
    question.wantsStates = effort.states
    question.wantsConnections = effort.connections
    question.bytesBefore = bytesBefore
    if plan.destinationRefusal == nil { question.outgoingPorts = Self.outgoingPorts(snapshot) }
    plan.question = question
    return plan
  }

  /// Destinations are gathered where they are asked for, or where a rule hangs on them and the dump
  /// is within the budget.
  private func destinationRefusal(
    _ snapshot: Snapshot, _ cost: WalkCost, isDemanded: Bool
  ) -> Absence? {
    guard Self.outgoingPorts(snapshot) != nil else {
      return Absence(.unreadable, "\(SysctlKey.localPortRange) is not a range of ports")
    }
    if effort.connections { return nil }
    if effort.walk == .never, !isDemanded {
      return Absence(.notGathered, "--connections looks at them")
    }
    guard Audit.needsDestinations(snapshot, with: catalogue) else {
      return Absence(.notGathered, "no rule needs them; --connections looks at them")
    }
    return cost.refusal(
      copying: true, walkIsPaid: effort.walk == .always || isDemanded,
      remedy: "--connections makes it")
  }

  private static func ports(of listeners: [Listener]) -> PortSet {
    PortSet(listeners.compactMap { UInt16(exactly: $0.port) })
  }

  /// The ports among which connect() chooses.
  private static func outgoingPorts(_ snapshot: Snapshot) -> ClosedRange<UInt16>? {
    guard let range = snapshot.numbers(of: .localPortRange).value, range.count == 2,
      let first = UInt16(exactly: range[0]), let last = UInt16(exactly: range[1]), first <= last
    else { return nil }
    return first...last
  }

  // MARK: Result

  private static func walk(
    _ question: WalkQuestion, _ gaps: inout [Gap]
  ) -> Reading<ConnectionWalk> {
    do {
      var dump = SocketDump(over: try NetlinkSocket())
      let found = try dump.walk(question)
      gaps += found.gaps
      return .known(found.walk)
    } catch {
      return .unreadable(error.reason)
    }
  }

  private func add(_ walk: ConnectionWalk, _ plan: Plan, to snapshot: inout Snapshot) {
    snapshot.walk = .known(walk.total)
    if case .known(var listeners) = snapshot.listeners {
      for (index, attached) in walk.attached(to: listeners).enumerated() {
        listeners[index].attached = attached
      }
      snapshot.listeners = .known(listeners)
    }
    if effort.states {
      let counters = snapshot.counters
      snapshot.states = .known(
        walk.states(
          establishedOrCloseWait: counters.reading("Tcp.CurrEstab").value,
          timeWait: counters.reading("sockstat.TCP.tw").value,
          listeners: (snapshot.listeners.value?.count).map(Int64.init)))
    }
    if effort.connections { snapshot.connections = .known(walk.connections) }
    if let refusal = plan.destinationRefusal {
      snapshot.destinations = .missing(refusal)
    } else {
      snapshot.destinations = .known(walk.destinations)
      if walk.destinationShortfall > 0 {
        snapshot.gaps.append(
          Gap(
            "destinations",
            "there are more than are counted exactly: a count may be too low by"
              + " \(walk.destinationShortfall)"))
      }
    }
  }

  /// No walk was made, or it failed.
  private func note(_ absence: Absence, _ plan: Plan, in snapshot: inout Snapshot) {
    snapshot.walk = .missing(absence)
    if case .known(var listeners) = snapshot.listeners {
      for index in listeners.indices { listeners[index].attached = .missing(absence) }
      snapshot.listeners = .known(listeners)
    }
    snapshot.destinations = .missing(plan.destinationRefusal ?? absence)
    if effort.states { snapshot.states = .missing(absence) }
    if effort.connections { snapshot.connections = .missing(absence) }
  }
}
