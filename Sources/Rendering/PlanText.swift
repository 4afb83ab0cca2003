public import Facts

/// A plan as text, key by key.
public enum PlanText {
  /// What would be written, and what not; nothing is.
  ///
  /// - Parameters:
  ///   - plan: what it is about.
  ///   - hindrances: why apply would refuse whatever the plan, one sentence each.
  ///   - warnings: what else sets these keys, one sentence each.
  ///   - style: where the text goes.
  /// - Returns: the text.
  public static func render(
    _ plan: Plan, hindrances: [String] = [], warnings: [String] = [], style: TextStyle
  ) -> String {
    var page = TextPage(style)
    let writes = plan.writes.count
    let refused = plan.refusals.count
    let lost = plan.kept.count - writes
    let verdict =
      refused > 0
      ? "refused for \(refused.counted("key"))"
      : writes > 0
        ? "\(writes.counted("key")) would change"
        : lost > 0 ? "\(lost.counted("key")) to be kept by a file" : "nothing to change"
    page.wrapped(
      ": \(members(plan)), \(plan.title.printable)",
      first: page.style.paint(verdict, refused > 0 ? .error : plan.kept.isEmpty ? .good : .strong),
      firstWidth: verdict.count, rest: 2)
    drift(plan, &page)
    for change in plan.changes where change.isWrittenOrRefused {
      page.line()
      write(change, &page)
    }
    // What stays as it is needs a line each, and no room.
    for (index, change) in plan.changes.filter({ !$0.isWrittenOrRefused }).enumerated() {
      if index == 0 { page.heading("Left as it is") }
      write(change, &page)
    }
    clashes(plan, &page)
    removals(plan, &page)
    if !plan.advice.isEmpty {
      page.heading("Left to others")
      for advice in plan.advice { page.wrapped(text(advice), first: "  ", rest: 4) }
    }
    if !plan.refusals.isEmpty {
      page.line()
      page.wrapped(
        "apply would refuse this plan: \(plan.refusals.map(\.key.name).joined(separator: ", "))",
        rest: 2)
    }
    if !warnings.isEmpty {
      page.heading("Others that set these keys")
      for warning in warnings { page.wrapped(warning.printable, first: "  ", rest: 4) }
    }
    if !hindrances.isEmpty {
      page.heading("Apply would refuse here")
      for hindrance in hindrances { page.wrapped(hindrance, first: "  ", rest: 4) }
    }
    return page.text
  }

  /// What runs now and would not after the next boot.
  private static func drift(_ plan: Plan, _ page: inout TextPage) {
    guard !plan.drift.isEmpty else { return }
    page.heading("Drift: what runs now is not what the next boot would set")
    for drift in plan.drift {
      page.wrapped(sentence(drift), first: "  ", rest: 4)
    }
  }

  private static func sentence(_ drift: Drift) -> String {
    func words(_ text: String) -> String {
      FilesReport.Key.words(text).joined(separator: " ").printable
    }
    return "\(drift.key)  \(words(drift.running)) now, \(words(drift.boot)) after the next boot"
      + " (\(drift.source.map(\.description) ?? "no file names it"))".printable
  }

  /// What rules or profiles want of one key that cannot both be.
  static func clashes(_ plan: Plan, _ page: inout TextPage) {
    for conflict in plan.conflicts {
      page.line()
      page.wrapped(sentence(conflict), first: "conflict: ", rest: 2)
    }
    if !plan.overruled.isEmpty { page.line() }
    for overruled in plan.overruled {
      page.wrapped(sentence(overruled), first: "conflict: ", rest: 2)
    }
  }

  private static func removals(_ plan: Plan, _ page: inout TextPage) {
    guard !plan.removals.isEmpty else { return }
    page.heading("Lines to take out, for whoever keeps the file: tcptune diff shows how")
    for removal in plan.removals { page.wrapped(sentence(removal), first: "  ", rest: 4) }
  }

  /// The plan's name, or its profiles with where they were found.
  public static func members(_ plan: Plan) -> String {
    guard !plan.members.isEmpty else { return plan.name.printable }
    return plan.members.map { member in
      let parent = member.includedBy.map { ", included by \($0.printable)" } ?? ""
      return "\(member.name.printable) (\(member.origin.printable)\(parent))"
    }.joined(separator: ", ")
  }

  private static func write(_ change: PlannedChange, _ page: inout TextPage) {
    let now = change.now ?? "\(change.current.absence?.reason ?? "unknown")".printable
    switch change.outcome {
    case .change:
      let operation = change.operator == .exactly ? "" : "  (\(change.operator.rawValue))"
      page.line(
        "\(page.style.paint(change.key.name, .strong))  \(now) -> \(change.target)\(operation)")
    case .holds:
      let wanted =
        change.wanted == change.currentText
        ? "" : ", \(change.operator.words)\(change.wanted) wanted"
      let boot = change.isLostAtBoot ? "; the next boot would undo that, so the file keeps it" : ""
      page.wrapped("\(change.key)  \(now)  holds\(wanted)\(boot)", first: "  ", rest: 4)
    case .notHere(let reason):
      page.wrapped("\(change.key)  not here: \(text(reason))", first: "  ", rest: 4)
    case .refused(let refusal):
      page.wrapped(
        text(refusal), first: "\(page.style.paint(change.key.name, .error))  refused: ",
        firstWidth: change.key.name.count + 11, rest: 4)
    }
    if change.outcome == .change {
      page.wrapped(reason(of: change).printable, first: "  why: ", rest: 7)
      page.wrapped(
        "\(effect(of: change)); from \(change.source.printable)", first: "  takes effect: ", rest: 7
      )
    }
    for warning in change.warnings {
      page.wrapped(
        text(warning), first: "  \(page.style.paint("warning", .warning)): ", firstWidth: 11,
        rest: 7)
    }
  }

  /// Why a key is to change, with the arithmetic where there is some.
  public static func reason(of change: PlannedChange) -> String {
    guard let sizing = change.sizing else { return change.reason }
    return "\(change.reason) (\(SizingText.sentence(sizing)))"
  }

  /// When a change begins to matter, and what to restart before: `at once`.
  public static func effect(of change: PlannedChange) -> String {
    guard !change.restart.isEmpty else { return change.effect.words }
    return "\(change.effect.words): restart "
      + change.restart.map(\.printable).joined(separator: ", ")
  }

  /// What rules want of one key that they pull in opposite directions.
  public static func sentence(_ conflict: Plan.Conflict) -> String {
    let wishes = conflict.wishes.map { "\($0.rule) wants \($0.operator.words)\($0.value)" }
    let element = conflict.element.map { ".\($0.rawValue)" } ?? ""
    return "\(conflict.key)\(element): \(wishes.joined(separator: ", ")); not planned"
  }

  /// What two profiles want of one key, and which of them wins.
  public static func sentence(_ overruled: Plan.Overruled) -> String {
    let (later, earlier) = (wish(overruled.later), wish(overruled.earlier))
    return "\(overruled.key): \(later) wins over \(earlier)"
  }

  private static func wish(_ wish: Plan.Overruled.Wish) -> String {
    let value = wish.operator.map { "\($0.words)\(wish.value)" } ?? "the default"
    return "\(value) of \(wish.profile.printable) (\(wish.source.printable))"
  }

  /// A line that ought to go, and why.
  public static func sentence(_ removal: Removal) -> String {
    "\(removal.file.printable):\(removal.line): \(removal.key):"
      + " \(removal.reason) (\(removal.source))".printable
  }

  /// Why a key is left out.
  public static func text(_ reason: PlannedChange.NotHere) -> String {
    switch reason {
    case .hostWide: "only the initial network namespace has it"
    case .readOnlyHere: "read-only in this network namespace"
    case .since(let release): "it came with Linux \(release)"
    case .removedIn(let release): "Linux \(release) removed it"
    case .notLoaded(let reason): reason
    case .unavailable(let name, let names):
      "\(name.printable) is not among those that may be chosen here now, \(list(names)); where its"
        + " module is, modprobe tcp_\(name.printable) brings it"
    case .defaultUnknown(let absence): "its default here is not known: \(absence.reason)"
    case .skipped(let reason): "\(reason), and --skip-missing leaves it out"
    }
  }

  /// A key that would make apply refuse, and why.
  public static func refusal(_ change: PlannedChange) -> String {
    guard case .refused(let refusal) = change.outcome else { return change.key.name }
    return "\(change.key): \(text(refusal))"
  }

  /// Why a plan would be refused.
  public static func text(_ refusal: PlannedChange.Refusal) -> String {
    switch refusal {
    case .unread(let absence): absence.description
    case .missing(let reason): "this host does not have it: \(reason); --skip-missing leaves it out"
    case .since(let release): "it came with Linux \(release); --skip-missing leaves it out"
    case .removedIn(let release): "Linux \(release) removed it; --skip-missing leaves it out"
    case .outsideRange(let number, let range):
      "the kernel takes \(range.lowerBound) to \(range.upperBound), not \(number)"
    case .notAscending(let numbers):
      "the numbers must ascend, and \(numbers.map(String.init).joined(separator: " ")) do not"
    case .contradicts(let reason): reason
    case .notPermitted(let name, let names):
      "this network namespace may choose \(Self.list(names)), not \(name.printable)"
    }
  }

  /// What a reader should know of a number.
  public static func text(_ warning: PlannedChange.Warning) -> String {
    switch warning {
    case .outsideSensible(let number, let range):
      range.count == 1
        ? "\(number) is not what is sensible, \(range.lowerBound)"
        : "\(number) is outside of what is sensible, \(range.lowerBound) to \(range.upperBound)"
    case .senseless(let reason): reason
    case .notLoaded(let name, let names):
      "\(name.printable) is not among those that the kernel has now, \(list(names)); the write"
        + " loads its module, and fails if there is none"
    }
  }

  private static func list(_ names: [String]) -> String {
    names.map(\.printable).joined(separator: ", ")
  }

  /// What a plan leaves to others, one sentence.
  public static func text(_ advice: Plan.Advice) -> String {
    switch advice {
    case .leaves(let sentence): return sentence.printable
    case .descriptors(let service, let limit):
      let words = limit == .max ? "any number of" : "\(limit)"
      return "\(service.printable) may hold \(words) descriptors (RLIMIT_NOFILE);"
        + " every connection takes one"
    case .remedy(let subjects, let remedy):
      let who = subjects.isEmpty ? "" : "\(subjects.joined(separator: ", ").printable): "
      return who + remedy
    }
  }
}

extension PlannedChange {
  /// Whether a reader has to think about it.
  fileprivate var isWrittenOrRefused: Bool {
    switch outcome {
    case .change, .refused: true
    case .holds, .notHere: false
    }
  }

  /// The present value with one blank between numbers.
  var currentText: String? {
    current.value?.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The same, fit for a terminal; an empty list is no blank.
  var now: String? { currentText.map { $0.isEmpty ? "(empty)" : $0.printable } }

  /// How the value stands to the present one, as profiles spell it.
  var operatorWord: String { wantsDefault ? "default" : `operator`.rawValue }
}
