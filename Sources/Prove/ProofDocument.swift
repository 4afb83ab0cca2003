import Facts
import JSON

/// What a child says to its parent, as one JSON document: why it could do nothing, or what it saw.
enum ProofDocument: Equatable {
  /// No namespace could be had, with the reason.
  case refused(String)
  /// What was looked at, and how it ended.
  case ended([Proof.Step], Proof.Outcome)

  /// What a document says that is none of ours.
  struct Problem: Error, Equatable {
    var reason: String
  }

  // MARK: Writing

  /// The document as text.
  var text: String {
    switch self {
    case .refused(let reason):
      return JSONValue.object(["refused": .string(reason)]).text
    case .ended(let steps, let outcome):
      var members: [String: JSONValue] = ["steps": .array(steps.map(Self.json))]
      switch outcome {
      case .done: break
      case .notApplicable(let reason): members["not_applicable"] = .string(reason)
      case .failed(let reason): members["failed"] = .string(reason)
      }
      return JSONValue.object(members).text
    }
  }

  private static func json(_ step: Proof.Step) -> JSONValue {
    .object([
      "id": .string(step.id), "title": .string(step.title), "predicted": json(step.predicted),
      "observed": json(step.observed), "agrees": .boolean(step.agrees),
    ])
  }

  private static func json(_ value: Proof.Value) -> JSONValue {
    switch value {
    case .count(let count): .object(["count": .integer(count)])
    case .seconds(let seconds): .object(["seconds": number(seconds)])
    case .timeline(let times): .object(["timeline": .array(times.map(number))])
    case .text(let text): .object(["text": .string(text)])
    }
  }

  private static func number(_ value: Double) -> JSONValue {
    value.isFinite ? .number("\(value)") : .null
  }

  // MARK: Reading

  /// Reads a document.
  ///
  /// - Throws: ``Problem`` where the text is none, as when a child died while it wrote.
  init(parsing bytes: [UInt8]) throws(Problem) {
    let node: JSONNode
    do {
      node = try JSONNode(parsing: bytes)
    } catch {
      throw Problem(reason: error.message)
    }
    guard let members = node.members else { throw Problem(reason: "found \(node.words)") }
    if let reason = members["refused"]?.text {
      self = .refused(reason)
      return
    }
    guard let items = members["steps"]?.items else { throw Problem(reason: "found no steps") }
    var steps: [Proof.Step] = []
    for item in items { steps.append(try Self.step(item)) }
    if let reason = members["not_applicable"]?.text {
      self = .ended(steps, .notApplicable(reason))
    } else if let reason = members["failed"]?.text {
      self = .ended(steps, .failed(reason))
    } else {
      self = .ended(steps, .done)
    }
  }

  private static func step(_ node: JSONNode) throws(Problem) -> Proof.Step {
    guard let members = node.members, let id = members["id"]?.text,
      let title = members["title"]?.text, let predicted = members["predicted"].flatMap(value),
      let observed = members["observed"].flatMap(value),
      case .boolean(let agrees)? = members["agrees"]?.content
    else { throw Problem(reason: "found a step that is none") }
    return Proof.Step(id, title, predicted: predicted, observed: observed, agrees: agrees)
  }

  private static func value(_ node: JSONNode) -> Proof.Value? {
    guard let members = node.members else { return nil }
    if case .number(let text)? = members["count"]?.content { return Int64(text).map { .count($0) } }
    if let seconds = members["seconds"]?.double { return .seconds(seconds) }
    if let items = members["timeline"]?.items {
      let times = items.compactMap(\.double)
      return times.count == items.count ? .timeline(times) : nil
    }
    return members["text"]?.text.map { .text($0) }
  }
}

extension JSONNode {
  fileprivate var members: [String: JSONNode]? {
    if case .object(let members) = content { members } else { nil }
  }

  fileprivate var items: [JSONNode]? {
    if case .array(let items) = content { items } else { nil }
  }

  fileprivate var text: String? {
    if case .string(let text) = content { text } else { nil }
  }

  /// A time; one that was not finite comes as null.
  fileprivate var double: Double? {
    switch content {
    case .number(let text): Double(text)
    case .null: .infinity
    default: nil
    }
  }
}
