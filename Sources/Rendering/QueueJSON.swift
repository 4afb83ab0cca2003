public import Facts
import JSON

/// Listeners and limits as JSON.
public enum QueueJSON {
  /// `queues` as one document.
  public static func render(_ listeners: Reading<[ListenerQueues]>) -> String {
    JSONText.document([
      "listeners": .array((listeners.value ?? []).map(listener)),
      "listeners_missing": .optional(listeners.absence, ReportJSON.absence),
    ])
  }

  static func listener(_ queues: ListenerQueues) -> JSONValue {
    let listener = queues.listener
    var members: [String: JSONValue] = [
      "address": .string(listener.address), "port": .integer(listener.port),
      "family": .string(listener.family.rawValue),
      "accept_queue": acceptQueue(queues),
      "syn_queue": synQueue(queues),
      "drops": .optional(listener.drops.value) { .integer($0) },
      "owner": owner(listener),
    ]
    if queues.groupSize > 1 {
      members["group"] = .object([
        "size": .integer(queues.groupSize), "full": .integer(queues.groupFull),
      ])
    }
    if let attached = listener.attached.value {
      members["close_wait"] = .object([
        "unaccepted": .integer(attached.closeWaitUnaccepted),
        "held": .integer(attached.closeWaitHeld),
      ])
    }
    if let absence = listener.drops.absence {
      members["drops_missing"] = ReportJSON.absence(absence)
    }
    return .object(members)
  }

  private static func acceptQueue(_ queues: ListenerQueues) -> JSONValue {
    var members = acceptQueue(queues.acceptQueue)
    members["length"] = .integer(queues.listener.length)
    members["certain"] = .boolean(queues.acceptQueue.certain)
    if let sampling = queues.listener.sampling {
      members["peak"] = .integer(sampling.peak)
      members["samples"] = .integer(sampling.samples)
      members["full_samples"] = .integer(sampling.fullSamples)
    }
    return .object(members)
  }

  static func acceptQueue(_ queue: AcceptQueue) -> [String: JSONValue] {
    [
      "limit": .integer(queue.limit), "capacity": .integer(queue.capacity),
      "binding": .string(queue.binding.rawValue),
    ]
  }

  private static func synQueue(_ queues: ListenerQueues) -> JSONValue {
    var members = synQueue(queues.synQueue)
    members["length"] = .optional(queues.synLength.value) { .integer($0) }
    return .object(members)
  }

  static func synQueue(_ reading: Reading<SynQueue>) -> [String: JSONValue] {
    guard case .known(let queue) = reading else {
      return [
        "capacity": .null, "binding": .null,
        "missing": .optional(reading.absence, ReportJSON.absence),
      ]
    }
    var members: [String: JSONValue] = [
      "capacity": .integer(queue.capacity), "binding": .string(queue.binding.rawValue),
      "formula": .string(queue.formula),
    ]
    if let highest = queue.capacityMax { members["capacity_max"] = .integer(highest) }
    if let note = queue.note { members["note"] = .string(note) }
    return members
  }

  /// Null where neither a process nor a unit is known.
  private static func owner(_ listener: Listener) -> JSONValue {
    var members: [String: JSONValue] = [:]
    if let owner = listener.owner.value {
      members["pid"] = .integer(owner.pid)
      if let name = owner.name.value { members["name"] = .string(name) }
      if let nofile = owner.nofile.value { members["nofile"] = .integer(nofile) }
      if let holders = owner.holders.value { members["processes"] = .integer(holders) }
    }
    if let unit = listener.unit.value { members["unit"] = .string(unit) }
    return members.isEmpty ? .null : .object(members)
  }
}

/// Effective limits as JSON.
public enum LimitJSON {
  /// `limits` as one document.
  ///
  /// - Parameters:
  ///   - limits: what the tunables add up to.
  ///   - host: the machine whose tunables they are.
  ///   - queue: the queues of `--backlog N`, nil without one.
  /// - Returns: the text.
  public static func render(
    _ limits: [EffectiveLimit], host: Host, queue: BacklogQueues?
  ) -> String {
    var members: [String: JSONValue] = [
      "host": ReportJSON.host(host), "limits": .array(limits.map(limit)),
    ]
    if let queue {
      members["backlog"] = .integer(queue.backlog)
      members["accept_queue"] = .optional(queue.acceptQueue.value) {
        .object(QueueJSON.acceptQueue($0))
      }
      members["syn_queue"] = .object(QueueJSON.synQueue(queue.synQueue))
      members["fast_open_queue"] = .optional(queue.fastOpen.value) {
        .object(["capacity": .integer($0.capacity), "source": .string($0.source.rawValue)])
      }
      members["when_full"] = .optional(queue.whenFull.value) { .string($0.rawValue) }
      members["members"] = .integer(queue.members)
      members["group"] = .object([
        "accept_capacity": .optional(queue.acceptQueue.value) {
          .integer($0.capacity * queue.members)
        },
        "syn_capacity": .optional(queue.synQueue.value) { .integer($0.capacity * queue.members) },
      ])
    }
    return JSONText.document(members)
  }

  static func limit(_ limit: EffectiveLimit) -> JSONValue {
    var members: [String: JSONValue] = [
      "id": .string(limit.id), "group": .string(limit.group.rawValue),
      "title": .string(limit.title), "formula": .string(limit.formula),
      "value": .optional(limit.value.value) { .fraction($0.amount) },
      "unit": .optional(limit.value.value.map { $0.dimension.symbol ?? "count" }, JSONValue.string),
      "inputs": .object(
        Dictionary(
          uniqueKeysWithValues: limit.inputs.map {
            ($0.name, .optional($0.value.value, JSONValue.value))
          })),
    ]
    if let absence = limit.value.absence { members["reason"] = .string(absence.description) }
    if let note = limit.note { members["note"] = .string(note) }
    if let most = limit.valueMax { members["value_max"] = .fraction(most.amount) }
    if let drawing = limit.drawing { members["timeline"] = timeline(drawing) }
    return .object(members)
  }

  /// All in seconds from the first.
  private static func timeline(_ drawing: EffectiveLimit.Drawing) -> JSONValue {
    .object([
      "packet": .string(drawing.packet),
      "at": .array(drawing.timeline.sends.map { .fraction($0) }),
      "end": .fraction(drawing.timeline.end),
      "end_latest": .optional(drawing.timeline.latest) { .fraction($0) },
      "ending": .string(drawing.ending),
    ])
  }
}
